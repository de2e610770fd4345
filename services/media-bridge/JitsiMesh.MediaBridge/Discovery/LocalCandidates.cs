using System.Net.Sockets;
using JitsiMesh.Ice;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.MediaBridge.Tcp;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Discovery;

/// <summary>
/// The bridge's ICE candidates: one host candidate for each port, one for each advertised or learned address, and the TCP candidates after them. Lives on the media thread once
/// that runs.
/// </summary>
internal sealed class LocalCandidates
{
    private static readonly TransportAddress Masked = TransportAddress.FromIPv4(0, 9);
    private readonly List<Candidate> _host = [];
    private readonly List<Candidate> _listening = [];
    private readonly List<Candidate> _advertised = [];
    private readonly List<Candidate> _learned = [];
    private readonly List<Candidate> _tcp = [];
    private readonly HashSet<TransportAddress> _named = [];
    private readonly List<string> _unusable = [];
    private readonly bool _advertisePrivate;
    private readonly int _tcpMappedPort;

    public LocalCandidates(MediaBridgeOptions options, IReadOnlyList<IDatagramPort> ports)
    {
        _advertisePrivate = options.AdvertisePrivateCandidates;
        _tcpMappedPort = options.TcpMappedPort;
        var preference = ushort.MaxValue;
        foreach (var port in ports)
        {
            if (port.Local.IsTcp)
            {
                _listening.Add(Candidate.CreateTcpPassive(port.Local, port.Local, (ushort)_listening.Count));
                continue;
            }

            _host.Add(Candidate.CreateHost(port.Local, preference));
            preference -= 256;
        }

        foreach (var advertised in options.AdvertiseAddresses)
        {
            var isIPv4 = advertised.Address.AddressFamily == AddressFamily.InterNetwork;
            if (_host.Find(h => h.Address.IsIPv4 == isIPv4) is not { } first)
            {
                _unusable.Add(advertised.Address.ToString());
                continue;
            }

            var mapped = TransportAddress.From(advertised.Address, advertised.Port == 0 ? first.Address.Port : advertised.Port);

            // The address is local: its host candidate already covers it, and it is offered even if private addresses are not.
            if (_host.Exists(h => h.Address == mapped)) _named.Add(WithoutPort(mapped));
            else _advertised.Add(Candidate.CreateServerReflexive(mapped, first.Address));
        }

        MakeTcp();
    }

    /// <summary>For the ICE agent: every local socket.</summary>
    public IEnumerable<Candidate> Sockets => _host.Concat(_listening);

    /// <summary>Advertised addresses of a family for which no port exists.</summary>
    public IReadOnlyList<string> Unusable => _unusable;

    /// <summary>From where an ordinary client can reach the offered candidates.</summary>
    public AddressReach Reach => For(mayKnowPrivate: false, generation: 0).Select(candidate => AddressReaches.Of(candidate.Address)).Append(AddressReach.Nowhere).Max();

    /// <summary>Whether a client on another machine could reach any candidate.</summary>
    public bool HasOutsideAddress => _advertised.Count > 0 || _learned.Count > 0 || _host.Exists(h => AddressReaches.Of(h.Address) != AddressReach.ThisMachine);

    private IEnumerable<Candidate> Mapped => _advertised.Concat(_learned);

    /// <summary>
    /// Sets the addresses that STUN or a cloud reports for the ports, replacing the previous ones. If the NAT changes the port both are offered: the port that it shows, and
    /// the local one, which a forwarded port has (and which is all that the JVB offers).
    /// </summary>
    public void SetLearned(IEnumerable<LearnedAddress> learned)
    {
        _learned.Clear();
        foreach (var (mapped, local) in learned)
        {
            AddLearned(mapped, local);
            AddLearned(mapped with { Port = local.Port }, local);
        }

        MakeTcp();
    }

    /// <summary>Whether a client that names this address means the bridge.</summary>
    public bool IsOurs(TransportAddress address) => _host.Exists(h => h.Address == address) || Mapped.Any(m => m.Address == address);

    /// <summary>The candidates for an endpoint.</summary>
    public IEnumerable<Candidate> For(bool mayKnowPrivate, int generation)
    {
        var showPrivate = _advertisePrivate || mayKnowPrivate;
        foreach (var candidate in _host.Concat(Mapped).Concat(_tcp))
        {
            // Addresses that the operator configured are offered, with the configured port.
            if (!showPrivate && AddressReaches.IsPrivate(candidate.Address) && IsOwn(candidate.Address) && !_named.Contains(WithoutPort(candidate.Address)) && !_advertised.Contains(candidate)) continue;
            var masks = candidate.RelatedAddress is { } related && !showPrivate && AddressReaches.IsPrivate(related);
            yield return candidate with { Generation = generation, RelatedAddress = masks ? Masked : candidate.RelatedAddress };
        }
    }

    /// <summary>Every address offered to an ordinary client, and its reach.</summary>
    public AddressVerdict Verdict()
    {
        var offered = For(mayKnowPrivate: false, generation: 0).Where(c => c.Protocol != "ssltcp").Select(c =>
            $"{(c.Address.IsTcp ? "TCP" : "UDP")} {c.Address.ToIPEndPoint()} ({AddressReaches.Of(c.Address).DescribeOne()}{(_learned.Contains(c) ? ", learnt" : "")})");
        var reach = Reach;
        var list = string.Join(", ", offered);
        return new AddressVerdict($"Media is {reach.Describe()}. Offered: {(list.Length == 0 ? "nothing" : list)}", reach is AddressReach.Nowhere or AddressReach.ContainerNetwork);
    }

    private static TransportAddress WithoutPort(TransportAddress address) => address with { Port = 0, IsTcp = false };

    /// <summary>A local address, with any port.</summary>
    private bool IsOwn(TransportAddress address) => _host.Exists(h => WithoutPort(h.Address) == WithoutPort(address));

    private void AddLearned(TransportAddress mapped, TransportAddress local)
    {
        if (_learned.Count >= DiscoveryLimits.MaxLearned || IsOurs(mapped)) return;
        _learned.Add(Candidate.CreateServerReflexive(mapped, local));
    }

    /// <summary>
    /// TCP: each listening address, and each mapped address with the port of a listener of its family, plain and with Jitsi's pseudo TLS; and the same with the mapped port,
    /// where pseudo TLS comes first, because that port is for networks that inspect traffic. (A browser uses only one of the two for one address.)
    /// </summary>
    private void MakeTcp()
    {
        _tcp.Clear();
        if (_listening.Count == 0) return;
        var port = _listening[0].Address.Port;
        var bases = Mapped.Select(m => (Address: m.Address with { Port = port, IsTcp = true }, Base: _listening.Find(l => l.Address.IsIPv4 == m.Address.IsIPv4)?.Address))
            .Concat(_listening.Select(l => (l.Address, Base: (TransportAddress?)l.Address))).Where(b => b.Base is not null).DistinctBy(b => b.Address).ToList();
        AddTcp(bases, port, "tcp", "ssltcp");
        if (_tcpMappedPort != 0 && _tcpMappedPort != port) AddTcp(bases, _tcpMappedPort, "ssltcp", "tcp");
    }

    private void AddTcp(List<(TransportAddress Address, TransportAddress? Base)> bases, int port, params ReadOnlySpan<string> protocols)
    {
        foreach (var protocol in protocols)
        {
            foreach (var (address, listening) in bases)
            {
                if (_tcp.Count >= IceTcpLimits.MaxCandidates) return;
                var preference = (ushort)(8191 - _tcp.Count);
                _tcp.Add(Candidate.CreateTcpPassive(address with { Port = (ushort)port }, listening!.Value, preference, protocol));
            }
        }
    }
}
