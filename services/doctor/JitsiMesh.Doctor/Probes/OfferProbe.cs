using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Doctor.Probes;

/// <summary>
/// Two participants who join a room, get an offer, and leave it unanswered: for a lone participant focus selects no bridge. While they are in the room the
/// session's credentials are valid.
/// </summary>
internal sealed class OfferProbe : IAsyncDisposable
{
    private readonly List<HeadlessClient> _scouts = [];
    private readonly UdpEndpointRunner _runner = new();

    /// <summary>The offer to the first participant; null before it arrives.</summary>
    public JingleMessage? Offer { get; private set; }

    /// <summary>The address of focus in the answer to the conference request.</summary>
    public string? FocusJid => _scouts.Count == 0 ? null : _scouts[0].Read(p => p.FocusJid);

    public bool BridgeNotAvailable => _scouts.Exists(s => s.Read(p => p.BridgeNotAvailable));

    /// <returns>Where the join stopped; null when an offer has arrived.</returns>
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

    /// <summary>Requests the TURN servers that clients get; null when there is no answer.</summary>
    public async Task<XmppElement?> ReadServicesAsync(string domain, TimeSpan timeout)
    {
        XmppElement? answer = null;
        _scouts[0].Do((participant, _) => participant.SendIq("get", domain, new XmppElement("services", Namespaces.ExternalServices2), "services", iq => answer = iq));
        await _scouts[0].WaitAsync(_ => answer is not null, timeout).ConfigureAwait(false);
        return answer?.Child("services");
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
