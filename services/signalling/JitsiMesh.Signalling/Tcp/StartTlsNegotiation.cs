using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tcp;

/// <summary>What follows a part of the stream in clear text.</summary>
internal enum StartTlsStep
{
    Continue,

    /// <summary>The client asks for TLS.</summary>
    Proceed,

    /// <summary>The stream ended.</summary>
    End,
}

/// <summary>
/// The stream before TLS (RFC 6120 section 5): a header, an offer of TLS and nothing else. It knows no account and no session, and all of it is forgotten with the handshake
/// (section 5.4.3.3). A synchronous machine: parts in, text out.
/// </summary>
internal sealed class StartTlsNegotiation(StanzaRouter router)
{
    public const string Proceed = $"<proceed xmlns='{Namespaces.Tls}'/>";

    private const string Features = $"<stream:features><starttls xmlns='{Namespaces.Tls}'><required/></starttls></stream:features>";
    private const string EncryptionRequired = $"<failure xmlns='{Namespaces.Sasl}'><encryption-required/></failure>";

    private string? _host;
    private int _parts;
    private int _tries;
    private int _space;

    /// <summary>Why the stream ended.</summary>
    public SessionEndReason Reason { get; private set; }

    /// <param name="part">What the client sent.</param>
    /// <param name="output">What is sent to it, in order.</param>
    public StartTlsStep Handle(in XmppStreamPart part, ICollection<string> output)
    {
        if (++_parts > SignallingLimits.NegotiationFrames || (_space += part.Space) > SignallingLimits.NegotiationSpaceOctets) return Fail("policy-violation", SessionEndReason.RateExceeded, output);
        switch (part.Kind)
        {
            case XmppStreamPartKind.Header:
                return Open(part.Header!, output);
            case XmppStreamPartKind.Element:
                return Handle(part.Element!, output);
            case XmppStreamPartKind.End:
                output.Add(XmppFraming.StreamEnd);
                return End(SessionEndReason.ClosedByClient);
            case XmppStreamPartKind.Refused:
                var (condition, reason) = XmppStream.RefusalOf(part.Error);
                return Fail(condition, reason, output);
            default:
                return StartTlsStep.Continue;
        }
    }

    /// <summary>Ends the stream with an error.</summary>
    public StartTlsStep Fail(string condition, SessionEndReason reason, ICollection<string> output)
    {
        // RFC 6120 section 4.9.1.2: an error comes after a header.
        if (_host is null) output.Add(XmppFraming.StreamStart(router.DefaultHost, router.NewStreamId()));
        output.Add(XmppFraming.StreamError(condition).ToString());
        output.Add(XmppFraming.StreamEnd);
        return End(reason);
    }

    private StartTlsStep Open(XmppStreamHeader header, ICollection<string> output)
    {
        if (XmppStream.FaultOf(header) is { } fault) return Fail(fault.Condition, fault.Reason, output);
        if (!Jid.TryCreate(null, header.To!, null, out var host) || router.Domains.KindOf(host.Domain) != DomainKind.Host) return Fail("host-unknown", SessionEndReason.UnknownHost, output);
        _host = host.Domain;
        output.Add(XmppFraming.StreamStart(_host, router.NewStreamId()));
        output.Add(Features);
        return StartTlsStep.Continue;
    }

    private StartTlsStep Handle(XmppElement element, ICollection<string> output)
    {
        if (element is { Name: "starttls", Namespace: Namespaces.Tls }) return StartTlsStep.Proceed;
        // Section 6.5.4; nothing of what the element holds is looked at.
        if (element.Namespace == Namespaces.Sasl && ++_tries < SignallingLimits.AuthenticationTries)
        {
            output.Add(EncryptionRequired);
            return StartTlsStep.Continue;
        }

        // Section 5.3.1: TLS comes first.
        return Fail("policy-violation", SessionEndReason.NotAuthorized, output);
    }

    private StartTlsStep End(SessionEndReason reason)
    {
        Reason = reason;
        return StartTlsStep.End;
    }
}
