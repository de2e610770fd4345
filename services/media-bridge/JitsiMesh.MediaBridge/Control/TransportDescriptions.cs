using System.Globalization;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Ice;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;
using Candidate = JitsiMesh.Contracts.Bridge.Candidate;
using Fingerprint = JitsiMesh.Contracts.Bridge.Fingerprint;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>Converts transports to and from the contract's messages.</summary>
internal static class TransportDescriptions
{
    /// <summary>Both sides use port 5000 (Jitsi's convention; the number has no meaning over DTLS).</summary>
    private const int SctpPort = 5000;

    public static Transport Describe(BridgeEndpoint endpoint, IceAgent agent, int generation)
    {
        var transport = new Transport
        {
            Ufrag = agent.Ufrag,
            Password = agent.Password,
            IceControlling = agent.Role == IceRole.Controlling,
            Sctp = endpoint.Setup.Sctp,
            SctpPort = endpoint.Setup.Sctp ? SctpPort : 0,
            IceGeneration = generation,
        };
        transport.Fingerprints.Add(new Fingerprint { Hash = "sha-256", Value = endpoint.Fingerprint, Setup = "actpass" });
        foreach (var candidate in endpoint.Shard.Candidates.For(endpoint.Setup.PrivateAddresses, generation)) transport.Candidates.Add(Write(candidate));
        if (WebSocketUrl(endpoint) is { } url) transport.WebSocketUrls.Add(url);
        return transport;
    }

    /// <summary>Applies the client's transport; absent values stay unchanged.</summary>
    public static void Apply(BridgeEndpoint endpoint, Transport transport, MonotonicTime now)
    {
        if (transport.Ufrag.Length > 0 && transport.Password.Length > 0)
        {
            endpoint.Transport.SetRemoteIce(transport.Ufrag, transport.Password, transport.Candidates.Select(Read).OfType<Ice.Candidate>().Where(c => !endpoint.Shard.Candidates.IsOurs(c.Address)), now, transport.IceGeneration);
        }

        if (transport.Fingerprints.Count == 0) return;
        var setup = transport.Fingerprints.Select(f => f.Setup).FirstOrDefault(s => s.Length > 0) ?? "active";
        endpoint.Transport.SetRemoteDtls([.. transport.Fingerprints.Select(f => new Dtls.Fingerprint(f.Hash, f.Value))], setup, now);
    }

    public static Sources FeedbackSources(Conference conference)
    {
        var sources = new Sources();
        sources.Sources_.Add(new Source { Name = "jvb-a0", Type = MediaType.Audio, Ssrcs = { conference.FeedbackAudioSsrc } });
        sources.Sources_.Add(new Source { Name = "jvb-v0", Type = MediaType.Video, Ssrcs = { conference.FeedbackVideoSsrc } });
        return sources;
    }

    private static string? WebSocketUrl(BridgeEndpoint endpoint)
    {
        var options = endpoint.Shard.Options;
        if (options.PublicUrl is not { } url) return null;
        var scheme = url.Scheme == Uri.UriSchemeHttp ? "ws" : "wss";

        // PUBLIC_URL may have a path, which the edge strips.
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{scheme}://{url.Authority}{url.AbsolutePath.TrimEnd('/')}/colibri-ws/{Uri.EscapeDataString(options.BridgeId)}/{endpoint.Conference.Id}/{Uri.EscapeDataString(endpoint.Id)}?pwd={endpoint.Setup.ChannelPassword}");
    }

    private static Candidate Write(Ice.Candidate candidate)
    {
        var written = new Candidate
        {
            Id = candidate.Id,
            Foundation = candidate.Foundation,
            Component = candidate.Component,
            Protocol = candidate.Protocol,
            Priority = candidate.Priority,
            Address = candidate.Address.ToIPAddress().ToString(),
            Port = candidate.Address.Port,
            Type = candidate.Type switch
            {
                CandidateType.ServerReflexive => "srflx",
                CandidateType.PeerReflexive => "prflx",
                CandidateType.Relayed => "relay",
                _ => "host",
            },
            Generation = candidate.Generation,
            Network = candidate.Network,
            TcpType = candidate.TcpType ?? "",
        };
        if (candidate.RelatedAddress is { } related)
        {
            written.RelatedAddress = related.ToIPAddress().ToString();
            written.RelatedPort = related.Port;
        }

        return written;
    }

    /// <summary>Null for a host name instead of an address (mDNS), and for TCP.</summary>
    private static Ice.Candidate? Read(Candidate candidate)
    {
        if (!candidate.Protocol.Equals("udp", StringComparison.OrdinalIgnoreCase) || !TransportAddress.TryParse(candidate.Address, candidate.Port, out var address)) return null;
        return new Ice.Candidate
        {
            Id = candidate.Id,
            Foundation = candidate.Foundation,
            Component = candidate.Component == 0 ? 1 : candidate.Component,
            Priority = candidate.Priority,
            Address = address,
            Type = candidate.Type switch
            {
                "srflx" => CandidateType.ServerReflexive,
                "prflx" => CandidateType.PeerReflexive,
                "relay" => CandidateType.Relayed,
                _ => CandidateType.Host,
            },
            Generation = candidate.Generation,
        };
    }
}
