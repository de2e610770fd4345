using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Links;

/// <summary>
/// Reservations of rooms that are over, on their way to the outbox. They are written with the end of the room, in one change of its document, which an owner that has lost the room cannot
/// make. Only when the outbox has them does the document go. Whichever process dies in between, the next owner finds the room or the field <see cref="Field"/>. A room that opens
/// again meanwhile may get the reservation that it had: then there is no end to tell any more.
/// </summary>
internal sealed partial class EndedReservations(IReservationSystem reservations, RoomPartition rooms, MailboxServices services)
{
    /// <summary>Of a room's document.</summary>
    public const string Field = "ended";

    private readonly Dictionary<string, List<ReservationCall>> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _new = new(StringComparer.Ordinal);
    private readonly Queue<string> _done = new();

    /// <summary>When those that could not be kept are tried again; never without such.</summary>
    public MonotonicTime Deadline { get; private set; } = MonotonicTime.Never;

    /// <summary>Whether something of that document is not in the outbox yet.</summary>
    public bool Waits(string key) => _waiting.ContainsKey(key);

    /// <param name="key">Of the room's document.</param>
    /// <param name="ended">What is to be told.</param>
    public void Add(string key, ReservationCall ended)
    {
        if (!_waiting.TryGetValue(key, out var list)) _waiting[key] = list = [];
        if (list.Count >= SignallingLimits.EndedReservations)
        {
            services.Metrics.Reservation("end_dropped");
            return;
        }

        list.Add(ended);
        _new.Add(key);
    }

    /// <summary>Puts what waits into the documents that are about to be written.</summary>
    public void Save(Dictionary<string, RoomChange> unwritten)
    {
        foreach (var (key, list) in _waiting)
        {
            if (!unwritten.TryGetValue(key, out var change))
            {
                if (!_new.Contains(key)) continue;
                unwritten[key] = change = new RoomChange();
            }

            change.Fields[Field] = JsonSerializer.SerializeToUtf8Bytes(list);
        }

        _new.Clear();
    }

    /// <summary>A document of which nothing waits any more since it was asked last.</summary>
    public bool TryTakeDone([NotNullWhen(true)] out string? key) => _done.TryDequeue(out key);

    /// <summary>Hands those over whose documents are written.</summary>
    public async ValueTask PutAsync(Func<string, bool> isWritten, CancellationToken cancellation)
    {
        if (_waiting.Count == 0 || (Deadline != MonotonicTime.Never && services.Clock.Now.Now < Deadline)) return;
        Deadline = MonotonicTime.Never;
        foreach (var (key, list) in _waiting.Where(pair => isWritten(pair.Key) && pair.Value.TrueForAll(ended => rooms.StandingOf(ended) != EndedReservationStanding.Undecided)).ToList())
        {
            try
            {
                using var late = new CancellationTokenSource(SignallingLimits.EndedReservationTime, services.Clock.Time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
                foreach (var ended in list)
                {
                    if (!IsInUse(ended)) await reservations.EndAsync(ended, both.Token).WaitAsync(both.Token);
                }
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                // The document stays, and with it the pending calls. Rooms continue meanwhile.
                Deadline = services.Clock.Now.Now + SignallingLimits.EndedReservationPause;
                services.Metrics.StoreFailures.Add(1);
                LogNotKept(services.Logger, exception.GetType().Name);
                break;
            }

            _waiting.Remove(key);
            _done.Enqueue(key);
        }
    }

    /// <summary>What an owner before has left in a document: handed over before anything is done with the room, which is restored. Throws what the store throws.</summary>
    /// <returns>Whether there was something.</returns>
    public async ValueTask<bool> TakeOverAsync(string key, StoredDocument document, CancellationToken cancellation)
    {
        if (!document.Fields.TryGetValue(Field, out var bytes)) return false;
        foreach (var ended in Read(bytes))
        {
            if (rooms.StandingOf(ended) == EndedReservationStanding.Undecided) Add(key, ended);
            else if (!IsInUse(ended)) await reservations.EndAsync(ended, cancellation);
        }

        return true;
    }

    private bool IsInUse(ReservationCall ended)
    {
        if (rooms.StandingOf(ended) != EndedReservationStanding.InUse) return false;
        services.Metrics.Reservation("end_in_use");
        return true;
    }

    private List<ReservationCall> Read(byte[] bytes)
    {
        try
        {
            return [.. (JsonSerializer.Deserialize<List<ReservationCall>>(bytes) ?? []).Where(one => one is { Room: not null, Attempt: not null, EndedId.Length: > 0 and <= SignallingLimits.ReservationIdLength })];
        }
        catch (JsonException)
        {
            services.Metrics.Reservation("end_dropped");
            return [];
        }
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Warning, Message = "The end of a reservation could not be kept for the reservation system ({Failure}); it is tried again")]
    private static partial void LogNotKept(ILogger logger, string failure);
}
