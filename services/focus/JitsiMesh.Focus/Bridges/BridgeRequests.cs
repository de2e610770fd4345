using JitsiMesh.Focus.Offers;
using JitsiMesh.Jingle;
using Wire = JitsiMesh.Contracts.Bridge;

namespace JitsiMesh.Focus.Bridges;

/// <summary>Builds requests to bridges from Jingle's types.</summary>
internal static class BridgeRequests
{
    public static Wire.EndpointChange Create(string endpoint, string statsId, bool visitor, bool privateAddresses, ParticipantFeatures features, bool rewriting, bool sctp, OfferOptions offer)
    {
        var change = new Wire.EndpointChange
        {
            Id = endpoint,
            Create = true,
            StatsId = statsId,
            Visitor = visitor,
            Capabilities = new Wire.Capabilities
            {
                SourceNames = true,
                SsrcRewriting = rewriting,
                RtpMidDemux = rewriting && offer.Mid && features.HasFlag(ParticipantFeatures.RtpMidDemux),
                PrivateAddressConnectivity = privateAddresses,
            },
            // The client answers the offer, so the bridge controls ICE (RFC 8445 section 6.1.1).
            Transport = new Wire.Transport { IceControlling = true, Sctp = sctp },
            Sources = new Wire.Sources(),
        };
        foreach (var media in OfferFactory.Create(features, offer)) change.Media.Add(Media(media));
        return change;
    }

    public static Wire.Transport Transport(IceUdpTransport transport)
    {
        var result = new Wire.Transport { Ufrag = transport.Ufrag ?? "", Password = transport.Password ?? "", IceGeneration = transport.IceGeneration ?? 0 };
        foreach (var fingerprint in transport.Fingerprints)
        {
            result.Fingerprints.Add(new Wire.Fingerprint { Hash = fingerprint.Hash, Setup = fingerprint.Setup, Value = fingerprint.Value });
        }

        foreach (var candidate in transport.Candidates)
        {
            result.Candidates.Add(new Wire.Candidate
            {
                Id = candidate.Id,
                Foundation = candidate.Foundation,
                Component = candidate.Component,
                Protocol = candidate.Protocol,
                Priority = candidate.Priority,
                Address = candidate.Address,
                Port = candidate.Port,
                Type = candidate.Type,
                RelatedAddress = candidate.RelatedAddress ?? "",
                RelatedPort = candidate.RelatedPort ?? 0,
                Generation = candidate.Generation,
                Network = candidate.Network,
                TcpType = candidate.TcpType ?? "",
            });
        }

        return result;
    }

    /// <summary>The bridge's transport in the form that the offer needs.</summary>
    public static IceUdpTransport Transport(Wire.Transport transport) => new()
    {
        Ufrag = transport.Ufrag,
        Password = transport.Password,
        RtcpMux = true,
        IceGeneration = transport.IceGeneration > 0 ? transport.IceGeneration : null,
        Fingerprints = [.. transport.Fingerprints.Select(fingerprint => new DtlsFingerprint(fingerprint.Hash, fingerprint.Setup, fingerprint.Value))],
        WebSockets = [.. transport.WebSocketUrls],
        SctpMap = transport.SctpPort > 0 ? new SctpMap(transport.SctpPort, "webrtc-datachannel", 1024) : null,
        Candidates =
        [
            .. transport.Candidates.Select(candidate => new IceCandidate
            {
                Id = candidate.Id,
                Foundation = candidate.Foundation,
                Component = candidate.Component == 0 ? 1 : candidate.Component,
                Protocol = candidate.Protocol,
                Priority = candidate.Priority,
                Address = candidate.Address,
                Port = candidate.Port,
                Type = candidate.Type,
                Generation = candidate.Generation,
                Network = candidate.Network,
                RelatedAddress = candidate.RelatedAddress.Length > 0 ? candidate.RelatedAddress : null,
                RelatedPort = candidate.RelatedAddress.Length > 0 ? candidate.RelatedPort : null,
                TcpType = candidate.TcpType.Length > 0 ? candidate.TcpType : null,
            }),
        ],
    };

    /// <summary>SSRCs grouped by source name. A source without a name (old gateways) is the first of its kind.</summary>
    public static Wire.Sources Sources(string endpoint, SourceSet set)
    {
        var result = new Wire.Sources();
        var names = set.Sources.ToDictionary(source => source.Ssrc, source => Name(endpoint, source));
        foreach (var group in set.Sources.GroupBy(source => (source.Kind, Name: names[source.Ssrc])))
        {
            var source = new Wire.Source
            {
                Name = group.Key.Name,
                Type = group.Key.Kind == MediaKind.Audio ? Wire.MediaType.Audio : Wire.MediaType.Video,
                VideoType = group.Key.Kind == MediaKind.Audio ? "" : group.First().VideoType == VideoType.Desktop ? "desktop" : "camera",
            };
            source.Ssrcs.AddRange(group.Select(one => one.Ssrc));
            foreach (var ssrcs in set.Groups.Where(one => names[one.Ssrcs[0]] == group.Key.Name && one.Kind == group.Key.Kind))
            {
                var wire = new Wire.SsrcGroup { Semantics = ssrcs.Semantics == GroupSemantics.Fid ? "FID" : "SIM" };
                wire.Ssrcs.AddRange(ssrcs.Ssrcs);
                source.Groups.Add(wire);
            }

            result.Sources_.Add(source);
        }

        return result;
    }

    /// <summary>The bridge's own sources. Clients reserve the first media line of each kind for them, and recognise them by the text <c>mixedmslabel</c> in their msid.</summary>
    public static SourceSet FeedbackSources(Wire.Sources? sources)
    {
        if (sources is null) return SourceSet.Empty;
        return new SourceSet([.. sources.Sources_.Where(source => source.Ssrcs.Count > 0).Select(source => source.Type == Wire.MediaType.Audio
            ? new Source(source.Ssrcs[0], MediaKind.Audio, source.Name, "mixedmslabel mixedlabelaudio0")
            : new Source(source.Ssrcs[0], MediaKind.Video, source.Name, "mixedmslabel mixedlabelvideo0"))], []);
    }

    private static string Name(string endpoint, Source source) => source.Name ?? $"{endpoint}-{(source.Kind == MediaKind.Audio ? 'a' : 'v')}0";

    private static Wire.MediaDescription Media(RtpDescription media)
    {
        var result = new Wire.MediaDescription { Type = media.Media == "audio" ? Wire.MediaType.Audio : Wire.MediaType.Video, ExtmapAllowMixed = media.ExtmapAllowMixed };
        foreach (var type in media.PayloadTypes)
        {
            var wire = new Wire.PayloadTypeDescription { Id = type.Id, Name = type.Name, ClockRate = type.ClockRate, Channels = type.Channels };
            foreach (var parameter in type.Parameters) wire.Parameters[parameter.Name ?? ""] = parameter.Value;
            foreach (var feedback in type.Feedback) wire.RtcpFeedback.Add(new Wire.RtcpFeedback { Type = feedback.Type, Subtype = feedback.Subtype ?? "" });
            result.PayloadTypes.Add(wire);
        }

        foreach (var extension in media.HeaderExtensions) result.HeaderExtensions.Add(new Wire.HeaderExtension { Id = extension.Id, Uri = extension.Uri });
        return result;
    }
}
