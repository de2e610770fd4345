using System.Globalization;
using JitsiMesh.Xmpp;
using static JitsiMesh.Jingle.JingleNamespaces;

namespace JitsiMesh.Jingle;

/// <summary>Reads an ICE-UDP transport (XEP-0176).</summary>
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
        if (element["ufrag"]?.Length > JingleLimits.TextLength || element["pwd"]?.Length > JingleLimits.TextLength) return JingleParseError.TooLong;
        int? generation = null;
        if (element["ice-generation"] is { } generationText)
        {
            if (!JingleParser.TryInt(generationText, 0, int.MaxValue, out var value)) return JingleParseError.BadTransport;
            generation = value;
        }

        var candidates = new List<IceCandidate>();
        foreach (var child in element.Children("candidate", IceUdp))
        {
            if (candidates.Count == JingleLimits.Candidates) return JingleParseError.TooMany;
            if (!TryCandidate(child, out var candidate)) return JingleParseError.BadCandidate;
            candidates.Add(candidate);
        }

        var fingerprints = new List<DtlsFingerprint>();
        foreach (var child in element.Children("fingerprint", Dtls))
        {
            if (fingerprints.Count == JingleLimits.Fingerprints) return JingleParseError.TooMany;
            var value = child.Text.Trim();
            if (child["hash"] is not { Length: > 0 and <= 64 } hash || value.Length is 0 or > JingleLimits.TextLength) return JingleParseError.BadFingerprint;
            fingerprints.Add(new DtlsFingerprint(hash, child["setup"] ?? "actpass", value) { Cryptex = JingleParser.True(child["cryptex"]) });
        }

        var sockets = element.Children("web-socket", Namespaces.Colibri).Select(socket => socket["url"]).OfType<string>().ToList();
        if (sockets.Count > JingleLimits.WebSockets) return JingleParseError.TooMany;
        SctpMap? map = null;
        if (element.Child("sctpmap", DtlsSctp) is { } sctp)
        {
            if (!JingleParser.TryInt(sctp["number"], 0, ushort.MaxValue, out var number) || !JingleParser.TryOptionalInt(sctp["streams"], 0, 0, ushort.MaxValue + 1, out var streams)) return JingleParseError.BadTransport;
            map = new SctpMap(number, sctp["protocol"] ?? "webrtc-datachannel", streams);
        }

        transport = new IceUdpTransport
        {
            Ufrag = element["ufrag"],
            Password = element["pwd"],
            Fingerprints = fingerprints,
            Candidates = candidates,
            WebSockets = sockets,
            SctpMap = map,
            RtcpMux = element.Child("rtcp-mux") is not null,
            IceGeneration = generation,
        };
        return JingleParseError.None;
    }

    private static JingleParseError Refuse(out IceUdpTransport? transport)
    {
        transport = null;
        return JingleParseError.BadTransport;
    }

    private static bool TryCandidate(XmppElement element, out IceCandidate candidate)
    {
        candidate = null!;
        if (element["foundation"] is not { Length: > 0 and <= 64 } foundation
            || element["protocol"] is not { Length: > 0 and <= 16 } protocol
            || element["type"] is not { Length: > 0 and <= 16 } type
            || element["ip"] is not { Length: > 0 and <= 256 } address
            || !JingleParser.TryInt(element["port"], 0, ushort.MaxValue, out var port)
            || !JingleParser.TryInt(element["component"], 1, 256, out var component)
            || !uint.TryParse(element["priority"], NumberStyles.None, CultureInfo.InvariantCulture, out var priority)
            || !JingleParser.TryOptionalInt(element["generation"], 0, 0, int.MaxValue, out var generation)
            || !JingleParser.TryOptionalInt(element["network"], 0, 0, int.MaxValue, out var network)) return false;
        int? relatedPort = null;
        if (element["rel-port"] is { } relatedText)
        {
            if (!JingleParser.TryInt(relatedText, 0, ushort.MaxValue, out var value)) return false;
            relatedPort = value;
        }

        candidate = new IceCandidate
        {
            Id = element["id"] ?? "",
            Foundation = foundation,
            Component = component,
            Protocol = protocol.ToLowerInvariant(),
            Priority = priority,
            Address = address,
            Port = port,
            Type = type,
            Generation = generation,
            Network = network,
            RelatedAddress = element["rel-addr"],
            RelatedPort = relatedPort,
            TcpType = element["tcptype"],
        };
        return true;
    }
}
