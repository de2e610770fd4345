using System.Globalization;
using JitsiMesh.Xmpp;
using static JitsiMesh.Jingle.JingleNamespaces;

namespace JitsiMesh.Jingle;

/// <summary>
/// Parses an ICE-UDP transport (XEP-0176). Only invalid credentials or fingerprints cause a refusal; an unreadable candidate, channel or number is
/// skipped, since the session can be established without it.
/// </summary>
public static class IceUdpTransportParser
{
    public static bool TryParse(XmppElement element, out IceUdpTransport transport, out JingleParseError error)
    {
        error = element.Name == "transport" && element.Namespace == IceUdp ? Read(element, out var read) : Refuse(out read);
        transport = read!;
        return error == JingleParseError.None;
    }

    internal static JingleParseError Read(XmppElement element, out IceUdpTransport? transport)
    {
        transport = null;
        var (ufrag, password) = (Blank(element["ufrag"]), Blank(element["pwd"]));
        if (ufrag is not null && !JingleText.IsIce(ufrag, JingleLimits.UfragMinimum, JingleLimits.UfragLength)) return JingleParseError.BadTransport;
        if (password is not null && !JingleText.IsIce(password, JingleLimits.PasswordMinimum, JingleLimits.PasswordLength)) return JingleParseError.BadTransport;
        if (!TryFingerprints(element, out var fingerprints)) return JingleParseError.BadFingerprint;
        var candidates = new List<IceCandidate>();
        foreach (var child in element.Children("candidate", IceUdp))
        {
            if (candidates.Count == JingleLimits.Candidates) break;
            if (TryCandidate(child, out var candidate)) candidates.Add(candidate);
        }

        transport = new IceUdpTransport
        {
            Ufrag = ufrag,
            Password = password,
            Fingerprints = fingerprints,
            Candidates = candidates,
            WebSockets = [.. element.Children("web-socket", Namespaces.Colibri).Select(socket => socket["url"]).OfType<string>().Where(url => url.Length <= JingleLimits.TextLength).Take(JingleLimits.WebSockets)],
            SctpMap = ReadSctpMap(element.Child("sctpmap", DtlsSctp)),
            RtcpMux = element.Child("rtcp-mux") is not null,
            IceGeneration = JingleParser.TryInt(element["ice-generation"], 0, int.MaxValue, out var generation) ? generation : null,
        };
        return JingleParseError.None;
    }

    private static JingleParseError Refuse(out IceUdpTransport? transport)
    {
        transport = null;
        return JingleParseError.BadTransport;
    }

    // Fingerprints of unknown hash functions are skipped. If only such are present, the certificate could not be verified.
    private static bool TryFingerprints(XmppElement element, out List<DtlsFingerprint> fingerprints)
    {
        fingerprints = [];
        var named = false;
        foreach (var child in element.Children("fingerprint", Dtls))
        {
            named = true;
            if (fingerprints.Count == JingleLimits.Fingerprints) break;
            if (!JingleText.TryFingerprint(child["hash"]?.Trim(), child.Text.Trim(), out var hash, out var value)) continue;
            fingerprints.Add(new DtlsFingerprint(hash, child["setup"] is "active" or "passive" ? child["setup"]! : "actpass", value) { Cryptex = JingleParser.True(child["cryptex"]) });
        }

        return fingerprints.Count > 0 || !named;
    }

    private static SctpMap? ReadSctpMap(XmppElement? element)
    {
        if (element is null || !JingleParser.TryInt(element["number"], 0, ushort.MaxValue, out var number)) return null;
        return new SctpMap(number, "webrtc-datachannel", JingleParser.TryInt(element["streams"], 0, ushort.MaxValue + 1, out var streams) ? streams : 0);
    }

    private static bool TryCandidate(XmppElement element, out IceCandidate candidate)
    {
        candidate = null!;
        if (element["foundation"] is not { } foundation || !JingleText.IsIce(foundation, 1, JingleLimits.FoundationLength)
            || element["protocol"]?.ToLowerInvariant() is not ("udp" or "tcp" or "ssltcp")
            || element["type"] is not ("host" or "srflx" or "prflx" or "relay")
            || element["ip"] is not { } address || !JingleText.IsAddress(address)
            || !JingleParser.TryInt(element["port"], 0, ushort.MaxValue, out var port)
            || !JingleParser.TryInt(element["component"], 1, 256, out var component)
            || !uint.TryParse(element["priority"], NumberStyles.None, CultureInfo.InvariantCulture, out var priority)) return false;
        var related = JingleText.IsAddress(element["rel-addr"]) ? element["rel-addr"] : null;
        candidate = new IceCandidate
        {
            Id = element["id"] is { Length: <= JingleLimits.CandidateIdLength } id && JingleText.IsSourceName(id) ? id : "",
            Foundation = foundation,
            Component = component,
            Protocol = element["protocol"]!.ToLowerInvariant(),
            Priority = priority,
            Address = address,
            Port = port,
            Type = element["type"]!,
            Generation = JingleParser.TryInt(element["generation"], 0, int.MaxValue, out var generation) ? generation : 0,
            Network = JingleParser.TryInt(element["network"], 0, int.MaxValue, out var network) ? network : 0,
            RelatedAddress = related,
            RelatedPort = related is not null && JingleParser.TryInt(element["rel-port"], 0, ushort.MaxValue, out var relatedPort) ? relatedPort : null,
            TcpType = element["tcptype"] is "active" or "passive" or "so" ? element["tcptype"] : null,
        };
        return true;
    }

    private static string? Blank(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
