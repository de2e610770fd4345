using System.Diagnostics.Metrics;
using JitsiMesh.Turn;

namespace JitsiMesh.EdgeProxy.Turn;

/// <summary>The relay's counters as metrics.</summary>
internal sealed class TurnMetrics(TurnRelay relay) : IDisposable
{
    private static readonly (TurnRefusal Reason, string Word)[] Reasons =
    [
        (TurnRefusal.Challenge, "challenge"), (TurnRefusal.Credentials, "credentials"), (TurnRefusal.Expired, "expired"), (TurnRefusal.StaleNonce, "stale-nonce"),
        (TurnRefusal.WrongUser, "wrong-user"), (TurnRefusal.BadRequest, "bad-request"), (TurnRefusal.UnknownAttribute, "unknown-attribute"), (TurnRefusal.Mismatch, "mismatch"),
        (TurnRefusal.Transport, "transport"), (TurnRefusal.Family, "family"), (TurnRefusal.Peer, "peer"), (TurnRefusal.UserQuota, "user-quota"), (TurnRefusal.AddressQuota, "address-quota"),
        (TurnRefusal.Capacity, "capacity"), (TurnRefusal.Flood, "flood"), (TurnRefusal.Amplification, "amplification"), (TurnRefusal.Malformed, "malformed"),
        (TurnRefusal.NoPermission, "no-permission"), (TurnRefusal.Rate, "rate"),
    ];

    private readonly Meter _meter = new("JitsiMesh.EdgeProxy");

    public void Start()
    {
        var counters = relay.Counters;
        _meter.CreateObservableGauge("jitsimesh.edge.turn.allocations", () => counters.Allocations, description: "Allocations of the TURN relay");
        _meter.CreateObservableCounter("jitsimesh.edge.turn.allocated", () => counters.AllocationsMade, description: "Allocations that the TURN relay has made");
        _meter.CreateObservableCounter("jitsimesh.edge.turn.octets", () => Both(counters.OctetsToPeers, counters.OctetsToClients), description: "Octets relayed, without headers");
        _meter.CreateObservableCounter("jitsimesh.edge.turn.packets", () => Both(counters.PacketsToPeers, counters.PacketsToClients), description: "Packets relayed");
        _meter.CreateObservableCounter("jitsimesh.edge.turn.refused", () => Reasons.Select(r => new Measurement<long>(counters.Refused(r.Reason), new KeyValuePair<string, object?>("reason", r.Word))),
            description: "Requests refused and packets dropped by the TURN relay");
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<long>[] Both(long toBridges, long toClients) =>
        [new(toBridges, new KeyValuePair<string, object?>("to", "bridge")), new(toClients, new KeyValuePair<string, object?>("to", "client"))];
}
