using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Doctor.Probes;

/// <summary>
/// Two participants who join a room to be offered a session, and leave it unanswered: with one alone no bridge is chosen. While they are there the
/// session's credentials are in force.
/// </summary>
internal sealed class OfferProbe : IAsyncDisposable
{
    private readonly List<HeadlessClient> _scouts = [];
    private readonly UdpEndpointRunner _runner = new();

    /// <summary>The session that the first scout was offered; null before.</summary>
    public JingleMessage? Offer { get; private set; }

    /// <summary>The focus's address as the answer to the conference request says it.</summary>
    public string? FocusJid => _scouts.Count == 0 ? null : _scouts[0].Read(p => p.FocusJid);

    public bool BridgeNotAvailable => _scouts.Exists(s => s.Read(p => p.BridgeNotAvailable));

    /// <returns>Where it stopped; null when an offer has come.</returns>
    public async Task<string?> JoinAsync(Uri webSocket, ParticipantOptions options, IRandomSource random, TimeSpan timeout)
    {
        for (var i = 0; i < 2; i++)
        {
            var scout = new HeadlessClient(
                new HeadlessClientOptions { WebSocket = webSocket, Participant = options with { DisplayName = "doctor" }, AnswersOffers = false, TrustAnyCertificate = true },
                _runner,
                random);
            _scouts.Add(scout);
            if (await Joining.JoinAsync(scout, timeout).ConfigureAwait(false) is { } problem) return problem;
        }

        await _scouts[0].WaitAsync(s => s.Read(p => p.Session is not null), timeout).ConfigureAwait(false);
        Offer = _scouts[0].Read(p => p.Session);
        return Offer is null ? "no session-initiate" : null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var scout in _scouts)
        {
            if (scout.Read(p => p.IsJoined)) scout.Leave();
            await scout.DisposeAsync().ConfigureAwait(false);
        }

        _runner.Dispose();
    }
}
