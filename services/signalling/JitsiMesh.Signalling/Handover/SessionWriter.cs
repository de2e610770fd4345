using JitsiMesh.Contracts.Store;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Handover;

/// <summary>Writes the record of one session, one update after another. Asked while it writes, it writes once more.</summary>
internal sealed class SessionWriter(SessionHandle handle, string hash, SessionJournal journal, IEnumerable<SavedChunk> chunks) : IDisposable
{
    private const int Idle = 0, Running = 1, Again = 2;

    private readonly List<SavedChunk> _chunks = [.. chunks];
    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _state;
    private bool _isOver;

    public SessionHandle Handle => handle;

    public string Hash => hash;

    /// <summary>Whether it stands in the list of those that are written later. Of the journal.</summary>
    public bool IsLater { get; set; }

    /// <summary>Octets of stanzas in the store.</summary>
    public int Octets => _chunks.Sum(static chunk => chunk.Octets);

    /// <summary>Begins to write, if it does not yet. Any thread.</summary>
    public void Kick()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state == Again) return;
            if (Interlocked.CompareExchange(ref _state, state + 1, state) != state) continue;
            if (state == Idle) _ = Task.Run(RunAsync);
            return;
        }
    }

    /// <summary>The session has ended: its record is deleted, behind what is being written.</summary>
    public void End()
    {
        Volatile.Write(ref _isOver, true);
        Kick();
    }

    /// <summary>Ends when nothing is being written any more; the caller has the record for itself then.</summary>
    public Task WhenIdleAsync(CancellationToken cancellation) => _turn.WaitAsync(cancellation);

    public void Dispose() => _turn.Dispose();

    private async Task RunAsync()
    {
        do
        {
            await _turn.WaitAsync();
            try
            {
                await journal.WriteAsync(this, Volatile.Read(ref _isOver));
            }
            finally
            {
                _turn.Release();
            }
        }
        while (Interlocked.Decrement(ref _state) != Idle);
    }

    /// <summary>The chunks that an update makes superfluous. Its own chunk counts from here on, for nobody may know later whether it was written.</summary>
    public IReadOnlyList<uint> Prepare(SessionUpdate update)
    {
        var done = _chunks.Where(chunk => (int)(chunk.First + (uint)chunk.Count - 1 - update.Session.Acknowledged) <= 0).Select(static chunk => chunk.First).ToList();
        if (update.Fresh.Count > 0)
        {
            _chunks.RemoveAll(chunk => chunk.First == update.First);
            _chunks.Add(new SavedChunk(update.First, update.Fresh.Count, 0));
        }

        return done;
    }

    /// <summary>An update is in the store.</summary>
    public void Written(SessionUpdate update, IReadOnlyList<uint> done, int octets)
    {
        _chunks.RemoveAll(chunk => done.Contains(chunk.First));
        var index = _chunks.FindIndex(chunk => chunk.First == update.First);
        if (update.Fresh.Count > 0 && index >= 0) _chunks[index] = _chunks[index] with { Octets = octets };
    }

    /// <summary>The record is gone.</summary>
    public void Forget() => _chunks.Clear();
}
