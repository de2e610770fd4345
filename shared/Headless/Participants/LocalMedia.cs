using JitsiMesh.Headless.Media;
using JitsiMesh.Jingle;

namespace JitsiMesh.Headless.Participants;

/// <summary>A participant's answer to an offer: its transport and its sources.</summary>
public sealed record LocalMedia(IceUdpTransport Transport, SourceSet Sources)
{
    /// <param name="endpoint">The endpoint with the ICE credentials, certificate and SSRCs.</param>
    /// <param name="nick">The endpoint id, prefix of the source names.</param>
    /// <param name="options">Whether audio and video are sent at all.</param>
    public static LocalMedia Of(HeadlessEndpoint endpoint, string nick, ParticipantOptions options)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(options);
        var fingerprint = endpoint.Fingerprint;
        var transport = new IceUdpTransport
        {
            Ufrag = endpoint.Ufrag,
            Password = endpoint.Password,
            RtcpMux = true,
            Fingerprints = [new DtlsFingerprint(fingerprint.Hash, "active", fingerprint.Value)],
            Candidates = [.. endpoint.Candidates.Select(IceDescriptions.ToJingle)],
        };
        return new LocalMedia(transport, Describe(endpoint, nick, options));
    }

    private static SourceSet Describe(HeadlessEndpoint endpoint, string nick, ParticipantOptions options)
    {
        var sources = new List<Source>();
        var groups = new List<SsrcGroup>();
        if (options.SendsAudio) sources.Add(new Source(endpoint.AudioSsrc, MediaKind.Audio, nick + "-a0", $"{nick}-audio-0-1 {nick}-audio-track"));
        if (!options.SendsVideo) return new SourceSet(sources, groups);
        var msid = $"{nick}-video-0-1 {nick}-video-track";
        foreach (var pair in endpoint.VideoSsrcs) sources.Add(new Source(pair.Primary, MediaKind.Video, nick + "-v0", msid));
        foreach (var pair in endpoint.VideoSsrcs) sources.Add(new Source(pair.Rtx, MediaKind.Video, nick + "-v0", msid));
        if (endpoint.VideoSsrcs.Count > 1) groups.Add(new SsrcGroup(GroupSemantics.Sim, MediaKind.Video, [.. endpoint.VideoSsrcs.Select(p => p.Primary)]));
        foreach (var pair in endpoint.VideoSsrcs) groups.Add(new SsrcGroup(GroupSemantics.Fid, MediaKind.Video, [pair.Primary, pair.Rtx]));
        return new SourceSet(sources, groups);
    }
}
