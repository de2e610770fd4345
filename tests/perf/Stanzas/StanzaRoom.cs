namespace JitsiMesh.Perf.Stanzas;

/// <summary>Occupants of some rooms of one size on one server, and the load that they make.</summary>
internal sealed class StanzaRoom : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private readonly List<StanzaClient> _clients = [];
    private int _next;

    public int Count => _clients.Count;

    public long Delivered => _clients.Sum(c => c.Delivered);

    public bool LostSomebody => _clients.Exists(c => c.IsClosed);

    /// <param name="address">Of the server.</param>
    /// <param name="rooms">How many rooms.</param>
    /// <param name="occupants">In each.</param>
    /// <param name="throughFocus">See <see cref="StanzaClient.JoinAsync"/>.</param>
    /// <param name="firstRoom">The number of the first room.</param>
    public static async Task<StanzaRoom> JoinAsync(Uri address, int rooms, int occupants, bool throughFocus, int firstRoom = 0)
    {
        var all = new StanzaRoom();
        for (var room = firstRoom; room < firstRoom + rooms; room++)
        {
            for (var i = 0; i < occupants; i++) all._clients.Add(await StanzaClient.JoinAsync(address, FormattableString.Invariant($"room{occupants}n{room}"), throughFocus));
        }

        // The presence of the last ones is still on its way to the others.
        await Task.Delay(TimeSpan.FromSeconds(2));
        foreach (var client in all._clients) client.BeginCounting();
        return all;
    }

    /// <summary>Lets the occupants send in turns, every second stanza a presence, until cancelled.</summary>
    /// <param name="perSecond">Stanzas sent a second, by all together.</param>
    /// <param name="stop">Ends it.</param>
    public async Task LoadAsync(double perSecond, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick);
        double due = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                for (due += perSecond * Tick.TotalSeconds; due >= 1; due--)
                {
                    var client = _clients[_next % _clients.Count];
                    if (((_next / _clients.Count) + _next) % 2 == 0) client.SendMessage();
                    else client.SendPresence();
                    _next++;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_clients.Select(c => c.DisposeAsync().AsTask()));
}
