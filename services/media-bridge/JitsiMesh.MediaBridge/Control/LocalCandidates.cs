using System.Net;
using System.Net.Sockets;
using JitsiMesh.Ice;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>The bridge's own ICE candidates: one host candidate for each port, and one for each address it is told to advertise.</summary>
internal sealed class LocalCandidates
{
    private static readonly TransportAddress Masked = TransportAddress.FromIPv4(0, 9);
    private readonly List<Candidate> _host = [];
    private readonly List<(Candidate Full, Candidate MaskedBase)> _mapped = [];
    private readonly HashSet<TransportAddress> _named = [];
    private readonly bool _advertisePrivate;

    public LocalCandidates(MediaBridgeOptions options, IReadOnlyList<IDatagramPort> ports)
    {
        _advertisePrivate = options.AdvertisePrivateCandidates;
        var preference = ushort.MaxValue;
        foreach (var port in ports)
        {
            _host.Add(Candidate.CreateHost(port.Local, preference));
            preference -= 256;
        }

        foreach (var advertised in options.AdvertiseAddresses)
        {
            foreach (var port in ports)
            {
                if (port.Local.IsIPv4 != (advertised.Address.AddressFamily == AddressFamily.InterNetwork)) continue;
                var mapped = TransportAddress.From(advertised.Address, advertised.Port == 0 ? port.Local.Port : advertised.Port);

                // The address is one of our own: its host candidate says it already, and is shown whatever is done with private ones.
                if (_host.Exists(h => h.Address == mapped))
                {
                    _named.Add(mapped);
                    break;
                }

                var candidate = Candidate.CreateServerReflexive(mapped, port.Local);
                _mapped.Add((candidate, candidate with { RelatedAddress = Masked }));
                break;
            }
        }
    }

    /// <summary>For the agent: every socket of ours.</summary>
    public IReadOnlyList<Candidate> Sockets => _host;

    /// <summary>From where an ordinary client can reach what it is told.</summary>
    public CandidateReach Reach => For(mayKnowPrivate: false, generation: 0).Select(candidate => ReachOf(candidate.Address)).Append(CandidateReach.Nowhere).Max();

    /// <summary>Something that a client on another machine could reach.</summary>
    public bool HasOutsideAddress
    {
        get
        {
            if (_mapped.Count > 0) return true;
            foreach (var candidate in _host)
            {
                if (!IPAddress.IsLoopback(candidate.Address.ToIPAddress())) return true;
            }

            return false;
        }
    }

    /// <summary>Whether a client that names this address names the bridge.</summary>
    public bool IsOurs(TransportAddress address) => _host.Exists(h => h.Address == address) || _mapped.Exists(m => m.Full.Address == address);

    /// <summary>What an endpoint is told.</summary>
    public IEnumerable<Candidate> For(bool mayKnowPrivate, int generation)
    {
        var showPrivate = _advertisePrivate || mayKnowPrivate;
        foreach (var candidate in _host)
        {
            if (showPrivate || !IsPrivate(candidate.Address) || _named.Contains(candidate.Address)) yield return candidate with { Generation = generation };
        }

        foreach (var (full, masked) in _mapped)
        {
            var shown = showPrivate || !IsPrivate(full.Base) ? full : masked;
            yield return shown with { Generation = generation };
        }
    }

    private static CandidateReach ReachOf(in TransportAddress address)
    {
        if (IPAddress.IsLoopback(address.ToIPAddress())) return CandidateReach.ThisMachine;
        var carrierGrade = address.IsIPv4 && (address.IPv4 >> 22) == 0x191; // 100.64.0.0/10
        return carrierGrade || IsPrivate(address) ? CandidateReach.OwnNetwork : CandidateReach.Anywhere;
    }

    private static bool IsPrivate(in TransportAddress address)
    {
        if (!address.IsIPv4) return (address.High >> 57) == 0x7E || (address.High >> 54) == 0x3FA;
        var ip = address.IPv4;
        return (ip >> 24) == 10 || (ip >> 20) == 0xAC1 || (ip >> 16) == 0xC0A8 || (ip >> 24) == 127 || (ip >> 16) == 0xA9FE;
    }
}
