using JitsiMesh.Hosting.Connections;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.EdgeProxy.Limits;
using JitsiMesh.Primitives;
using JitsiMesh.Turn;
using JitsiMesh.Turn.Server;

namespace JitsiMesh.EdgeProxy.Turn;

/// <summary>
/// The relay with its sockets. One caller at a time enters the core, and only for its decision; system calls are made outside.
/// </summary>
internal sealed class TurnRelay : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly TurnServer? _server;
    private readonly BridgePeers _peers;

    public TurnRelay(MeshSettings settings, RelaySecret secret, BridgePeers peers, IRandomSource random, TimeProvider time)
    {
        _time = time;
        _origin = time.GetTimestamp();
        _peers = peers;
        if (!settings.Get(KnownSettings.TurnRelay) || secret.Value.Length == 0) return;
        var trusted = settings.Get(KnownSettings.TrustedProxies);
        _server = new TurnServer(
            new TurnServerOptions { Secret = secret.Value, IsSharedAddress = client => ConnectionLimiter.IsAmong(trusted, client.ToIPAddress()) },
            peers, new RelaySockets(this, peers, time), random);
    }

    /// <summary>False with MESH_TURN=0, or without a secret.</summary>
    public bool IsOn => _server is not null;

    /// <summary>All zero while off.</summary>
    public TurnCounters Counters => _server?.Counters ?? Nothing;

    private static TurnCounters Nothing { get; } = new();

    // The clock of nonces starts at one second, so that no nonce has the time zero.
    private MonotonicTime Now => MonotonicTime.FromSeconds(1) + _time.GetElapsedTime(_origin);

    /// <summary>A packet from a client; answers go to its link, data to the peer.</summary>
    public void FromClient(in FiveTuple client, ITurnLink link, ReadOnlySpan<byte> packet)
    {
        Span<byte> answer = stackalloc byte[TurnLimits.AnswerOctets];
        TurnOutcome outcome;
        lock (_gate) outcome = _server!.HandleClient(client, link, packet, answer, Now, _time.GetUtcNow());
        if (outcome.Verdict == TurnVerdict.ToPeer) ((RelaySocket)outcome.Allocation!.Relay).Send(packet.Slice(outcome.Offset, outcome.Length), outcome.Peer);
        else if (outcome.Verdict == TurnVerdict.Answer) link.Send(client, answer[..outcome.Length]);
    }

    /// <summary>A packet from a peer to an allocation's relayed address.</summary>
    public void FromPeer(TurnAllocation allocation, in TransportAddress from, Span<byte> buffer, int length)
    {
        TurnOutcome outcome;
        lock (_gate) outcome = _server!.HandlePeer(allocation, from, buffer, length, Now);
        if (outcome.Verdict == TurnVerdict.ToClient) allocation.Link.Send(allocation.Client, buffer.Slice(outcome.Offset, outcome.Length));
    }

    public bool HasAllocation(in FiveTuple client)
    {
        lock (_gate) return _server!.HasAllocation(client);
    }

    /// <summary>The client's connection has closed.</summary>
    public void Close(in FiveTuple client)
    {
        lock (_gate) _server!.Close(client);
    }

    /// <summary>Ends expired allocations, and removes silent bridges.</summary>
    public void Sweep()
    {
        _peers.Prune();
        lock (_gate) _server?.HandleTimeout(Now);
    }

    public void Dispose()
    {
        lock (_gate) _server?.CloseAll();
    }
}
