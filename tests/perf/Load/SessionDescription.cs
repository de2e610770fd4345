using System.Globalization;
using System.Text;
using JitsiMesh.Dtls;
using JitsiMesh.Ice;
using JitsiMesh.Primitives;

namespace JitsiMesh.Perf.Load;

/// <summary>As much of an SDP of one video line as a client needs, and the ones it writes: the lines that a browser's would have.</summary>
internal sealed record SessionDescription
{
    private const string TransportCcUri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

    public required string Ufrag { get; init; }

    public required string Password { get; init; }

    public required Fingerprint Fingerprint { get; init; }

    public required string Setup { get; init; }

    public required string Mid { get; init; }

    public IReadOnlyList<Candidate> Candidates { get; init; } = [];

    public byte Vp8PayloadType { get; init; }

    public byte RtxPayloadType { get; init; }

    /// <summary>0: not offered.</summary>
    public int TransportCcExtension { get; init; }

    public static SessionDescription Parse(string sdp)
    {
        var lines = sdp.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var fingerprint = Value("a=fingerprint:").Split(' ');
        var vp8 = lines.Where(l => l.StartsWith("a=rtpmap:", StringComparison.Ordinal) && l.Contains("VP8/", StringComparison.OrdinalIgnoreCase)).Select(Number).FirstOrDefault();
        return new SessionDescription
        {
            Ufrag = Value("a=ice-ufrag:"),
            Password = Value("a=ice-pwd:"),
            Fingerprint = new Fingerprint(fingerprint[0], fingerprint[1]),
            Setup = Value("a=setup:"),
            Mid = Value("a=mid:"),
            Candidates = [.. lines.Where(l => l.StartsWith("a=candidate:", StringComparison.Ordinal)).Select(ToCandidate).OfType<Candidate>()],
            Vp8PayloadType = (byte)vp8,
            RtxPayloadType = (byte)lines.Where(l => l.StartsWith("a=fmtp:", StringComparison.Ordinal) && l.EndsWith(string.Create(CultureInfo.InvariantCulture, $" apt={vp8}"), StringComparison.Ordinal)).Select(Number).FirstOrDefault(),
            TransportCcExtension = lines.Where(l => l.StartsWith("a=extmap:", StringComparison.Ordinal) && l.EndsWith(TransportCcUri, StringComparison.Ordinal)).Select(Number).FirstOrDefault(),
        };

        string Value(string prefix) => lines.FirstOrDefault(l => l.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..] ?? throw new InvalidOperationException($"An SDP without {prefix}\n{sdp}");

        static int Number(string line)
        {
            var digits = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..];
            return int.Parse(digits[..digits.IndexOfAny([' ', '/'])], CultureInfo.InvariantCulture);
        }
    }

    public static string Offer(WebRtcLink link, uint ssrc, byte vp8, byte rtx, int transportCc)
    {
        var text = Begin(link, "active", "0", vp8, rtx, transportCc).AppendLine("a=sendonly");
        text.AppendLine(CultureInfo.InvariantCulture, $"a=ssrc-group:FID {ssrc} {ssrc + 1}");
        foreach (var each in (uint[])[ssrc, ssrc + 1]) text.AppendLine(CultureInfo.InvariantCulture, $"a=ssrc:{each} cname:load").AppendLine(CultureInfo.InvariantCulture, $"a=ssrc:{each} msid:load video");
        return Finish(text);
    }

    /// <summary>Accepts the complete offer.</summary>
    public string Answer(WebRtcLink link) => Finish(Begin(link, "active", Mid, Vp8PayloadType, RtxPayloadType, TransportCcExtension).AppendLine("a=recvonly"));

    private static StringBuilder Begin(WebRtcLink link, string setup, string mid, byte vp8, byte rtx, int transportCc)
    {
        var candidate = link.LocalCandidate;
        var text = new StringBuilder();
        text.AppendLine("v=0").AppendLine("o=- 1 1 IN IP4 127.0.0.1").AppendLine("s=-").AppendLine("t=0 0");
        text.AppendLine(CultureInfo.InvariantCulture, $"a=group:BUNDLE {mid}");
        text.AppendLine(rtx == 0 ? $"m=video 9 UDP/TLS/RTP/SAVPF {vp8}" : $"m=video 9 UDP/TLS/RTP/SAVPF {vp8} {rtx}");
        text.AppendLine("c=IN IP4 127.0.0.1").AppendLine("a=rtcp-mux").AppendLine("a=rtcp-rsize").AppendLine(CultureInfo.InvariantCulture, $"a=mid:{mid}");
        text.AppendLine(CultureInfo.InvariantCulture, $"a=ice-ufrag:{link.Ufrag}").AppendLine(CultureInfo.InvariantCulture, $"a=ice-pwd:{link.Password}");
        text.AppendLine(CultureInfo.InvariantCulture, $"a=fingerprint:sha-256 {link.Fingerprint}").AppendLine(CultureInfo.InvariantCulture, $"a=setup:{setup}");
        text.AppendLine(CultureInfo.InvariantCulture, $"a=candidate:{candidate.Foundation} 1 udp {candidate.Priority} {candidate.Address.ToIPAddress()} {candidate.Address.Port} typ host").AppendLine("a=end-of-candidates");
        text.AppendLine(CultureInfo.InvariantCulture, $"a=rtpmap:{vp8} VP8/90000");
        foreach (var feedback in (string[])["nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"])
        {
            if (feedback != "transport-cc" || transportCc > 0) text.AppendLine(CultureInfo.InvariantCulture, $"a=rtcp-fb:{vp8} {feedback}");
        }

        if (rtx != 0) text.AppendLine(CultureInfo.InvariantCulture, $"a=rtpmap:{rtx} rtx/90000").AppendLine(CultureInfo.InvariantCulture, $"a=fmtp:{rtx} apt={vp8}");
        if (transportCc > 0) text.AppendLine(CultureInfo.InvariantCulture, $"a=extmap:{transportCc} {TransportCcUri}");
        return text;
    }

    private static string Finish(StringBuilder text) => text.ToString().ReplaceLineEndings("\r\n");

    // a=candidate:FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT typ TYPE …
    private static Candidate? ToCandidate(string line)
    {
        var parts = line["a=candidate:".Length..].Split(' ');
        if (!string.Equals(parts[2], "udp", StringComparison.OrdinalIgnoreCase) || parts[1] != "1") return null;
        if (!TransportAddress.TryParse(parts[4], int.Parse(parts[5], CultureInfo.InvariantCulture), out var address)) return null;
        return new Candidate { Foundation = parts[0], Priority = uint.Parse(parts[3], CultureInfo.InvariantCulture), Address = address, Type = CandidateType.Host };
    }
}
