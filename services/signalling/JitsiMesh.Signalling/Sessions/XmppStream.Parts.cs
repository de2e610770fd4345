using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>What a stream over TCP has beside the elements that it shares with a WebSocket's.</summary>
public sealed partial class XmppStream
{
    private int _spaceOctets;
    private int _pings;

    /// <summary>A part of the stream, after TLS.</summary>
    public void Handle(in XmppStreamPart part, MeshInstant now, SessionOutputs outputs)
    {
        HandleSpace(part.Space, now, outputs);
        if (State == XmppStreamState.Closed) return;
        if (State != XmppStreamState.Bound && ++_frames > SignallingLimits.NegotiationFrames)
        {
            Fail("policy-violation", SessionEndReason.RateExceeded, now, outputs);
            return;
        }

        switch (part.Kind)
        {
            case XmppStreamPartKind.Header:
                HandleHeader(part.Header!, now, outputs);
                break;
            case XmppStreamPartKind.Element when part.Element!.Namespace == Namespaces.Framing:
                Fail("unsupported-stanza-type", SessionEndReason.BadFraming, now, outputs);
                break;
            case XmppStreamPartKind.Element:
                HandleElement(part.Element!, new FrameSize(part.Octets, part.Growth), now, outputs);
                break;
            case XmppStreamPartKind.End:
                CloseByClient(now, outputs);
                break;
            case XmppStreamPartKind.Refused:
                var (condition, reason) = RefusalOf(part.Error);
                Fail(condition, reason, now, outputs);
                break;
        }
    }

    /// <summary>White space between the parts: clients keep connections alive with it (RFC 6120 section 4.6.1), and pay for it as for all that they send.</summary>
    public void HandleSpace(int octets, MeshInstant now, SessionOutputs outputs)
    {
        if (octets == 0 || State == XmppStreamState.Closed) return;
        if (State == XmppStreamState.Bound) Session!.TakeSpace(octets, now);
        else if ((_spaceOctets += octets) > SignallingLimits.NegotiationSpaceOctets) Fail("policy-violation", SessionEndReason.RateExceeded, now, outputs);
    }

    /// <summary>A question that every client must answer (RFC 6120 section 8.2.3), if only with an error.</summary>
    public XmppElement Ping() => Stanzas.Iq("get", $"ping-{++_pings}", null, new XmppElement("ping", Namespaces.Ping), _host);

    /// <summary>The stream error for what could not be read, and the reason that is counted.</summary>
    internal static (string Condition, SessionEndReason Reason) RefusalOf(XmppParseError error) => error switch
    {
        XmppParseError.RestrictedXml => ("restricted-xml", SessionEndReason.RestrictedXml),
        XmppParseError.TooDeep or XmppParseError.TooManyNodes or XmppParseError.TooManyPrefixes or XmppParseError.NamespaceTooLong or XmppParseError.TooLong => ("policy-violation", SessionEndReason.FrameTooBig),
        XmppParseError.ReservedName => ("policy-violation", SessionEndReason.RestrictedXml),
        XmppParseError.UnsupportedEncoding => ("unsupported-encoding", SessionEndReason.NotWellFormed),
        _ => ("not-well-formed", SessionEndReason.NotWellFormed),
    };

    /// <summary>What is wrong with the header of a client's stream (RFC 6120 sections 4.7 and 4.8), or null.</summary>
    internal static (string Condition, SessionEndReason Reason)? FaultOf(XmppStreamHeader header)
    {
        if (!header.IsClientStream) return ("invalid-namespace", SessionEndReason.BadFraming);
        if (header.To is not { Length: > 0 }) return ("improper-addressing", SessionEndReason.BadFraming);
        return header.Version is { } version && (version == "1" || version.StartsWith("1.", StringComparison.Ordinal)) ? null : ("unsupported-version", SessionEndReason.BadFraming);
    }

    private void HandleHeader(XmppStreamHeader header, MeshInstant now, SessionOutputs outputs)
    {
        if (FaultOf(header) is { } fault) Fail(fault.Condition, fault.Reason, now, outputs);
        else HandleElement(new XmppElement("open", Namespaces.Framing, ("to", header.To), ("version", header.Version)), default, now, outputs);
    }
}
