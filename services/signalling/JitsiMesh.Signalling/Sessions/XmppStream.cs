using System.Globalization;
using System.Text;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Xmpp;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>Where a stream is in its negotiation (RFC 6120 section 4.3).</summary>
public enum XmppStreamState
{
    Opening,
    DescribingHost,
    Authenticating,
    Admitting,
    Restarting,
    Binding,
    Resuming,
    Bound,
    Closed,
}

/// <summary>
/// One XMPP stream over one WebSocket (RFC 7395) or one TCP connection with TLS (RFC 6120): frames or parts in, frames and effects out. After an effect that asks for something
/// (<see cref="DescribeHost"/>, <see cref="Admit"/>, <see cref="FindSession"/>) the answer comes before the next frame.
/// </summary>
/// <param name="router">Where stanzas go.</param>
/// <param name="connection">What the connection said before the stream.</param>
/// <param name="queue">The link queue of this node.</param>
/// <param name="hibernationTime">How long a session waits to be resumed.</param>
/// <param name="framing">How the stream begins; as over a WebSocket where it is null.</param>
public sealed partial class XmppStream(StanzaRouter router, ClientRequest connection, string queue, TimeSpan hibernationTime, StreamFraming? framing = null)
{
    private readonly StreamFraming _framing = framing ?? StreamFraming.WebSocket;
    private string _host = "";
    private string _mechanism = "";
    private ReadOnlyMemory<byte>? _challenge;
    private int _steps;
    private IReadOnlyList<string> _mechanisms = [];
    private int _tries;
    private SessionContext _vouched = SessionContext.Empty;
    private string _username = "";
    private uint _resumeHandled;
    private int _frames;
    private MonotonicTime _askedAt;

    public XmppStreamState State { get; private set; }

    /// <summary>The session that this stream serves, once bound or resumed.</summary>
    public XmppSession? Session { get; private set; }

    public bool IsAuthenticated => State is XmppStreamState.Restarting or XmppStreamState.Binding or XmppStreamState.Resuming or XmppStreamState.Bound;

    /// <summary>The longest frame that is taken now.</summary>
    public int FrameOctets => IsAuthenticated ? SignallingLimits.StanzaOctets : SignallingLimits.NegotiationFrameOctets;

    public void HandleFrame(string text, MeshInstant now, SessionOutputs outputs)
    {
        if (State == XmppStreamState.Closed) return;
        var octets = Encoding.UTF8.GetByteCount(text);
        if (octets > FrameOctets || (State != XmppStreamState.Bound && ++_frames > SignallingLimits.NegotiationFrames))
        {
            Fail("policy-violation", octets > FrameOctets ? SessionEndReason.FrameTooBig : SessionEndReason.RateExceeded, now, outputs);
            return;
        }

        if (!XmppParser.TryParse(text, out var element, out var error, out var growth, fromClient: true))
        {
            var (condition, reason) = RefusalOf(error);
            Fail(condition, reason, now, outputs);
            return;
        }

        HandleElement(element, new FrameSize(octets, growth), now, outputs);
    }

    private void HandleElement(XmppElement element, FrameSize size, MeshInstant now, SessionOutputs outputs)
    {
        if (XmppFraming.IsClose(element))
        {
            CloseByClient(now, outputs);
            return;
        }

        switch (State)
        {
            case XmppStreamState.Opening or XmppStreamState.Restarting:
                HandleOpen(element, now, outputs);
                break;
            case XmppStreamState.Authenticating:
                HandleAuthentication(element, now, outputs);
                break;
            case XmppStreamState.Binding:
                HandleBinding(element, now, outputs);
                break;
            case XmppStreamState.Bound when !XmppFraming.IsOpen(element):
                Session!.Handle(element, size, now, outputs);
                break;
            default:
                Fail("unsupported-stanza-type", SessionEndReason.BadFraming, now, outputs);
                break;
        }
    }

    /// <param name="mechanisms">The SASL mechanisms of the host; none where it takes no sessions, null while nobody can tell.</param>
    /// <param name="now">The time.</param>
    /// <param name="outputs">Frames.</param>
    public void HostDescribed(IReadOnlyList<string>? mechanisms, MeshInstant now, SessionOutputs outputs)
    {
        if (State != XmppStreamState.DescribingHost) return;
        outputs.Send(_framing.Open(_host, router.NewStreamId()));
        State = XmppStreamState.Authenticating;
        if (mechanisms is null)
        {
            // COMPAT(strophe.js): it takes the condition for the reason of the failure, and the app then tries again; after host-unknown it would look for a mistake in its settings.
            Fail("remote-server-timeout", SessionEndReason.AuthUnreachable, now, outputs);
            return;
        }

        if (mechanisms.Count == 0)
        {
            Fail("host-unknown", SessionEndReason.UnknownHost, now, outputs);
            return;
        }

        _mechanisms = mechanisms;
        outputs.Send(StreamFrames.SaslFeatures(mechanisms));
    }

    /// <param name="result">The decision.</param>
    /// <param name="previousUsername">The user name of the session that the client wants to resume, or null: an anonymous one gets it again, for the session is looked up by it.</param>
    /// <param name="now">The time.</param>
    /// <param name="outputs">Frames.</param>
    public void Admitted(AdmissionResult result, string? previousUsername, MeshInstant now, SessionOutputs outputs)
    {
        if (State != XmppStreamState.Admitting) return;
        State = XmppStreamState.Authenticating;
        switch (result)
        {
            case AdmissionResult.Challenged challenged when ++_steps <= SignallingLimits.AuthenticationSteps:
                _challenge = challenged.State;
                outputs.Send(StreamFrames.Challenge(challenged.Message.Span));
                break;
            case AdmissionResult.Admitted { Username.Length: > 0 } admitted when !Jid.TryCreate(admitted.Username, _host, null, out _):
                RefuseAuthentication("not-authorized", "", now, outputs);
                break;
            case AdmissionResult.Admitted admitted:
                _vouched = admitted.Context;
                _username = admitted.Username.Length > 0 ? Jid.Create(admitted.Username, _host).Local! : previousUsername ?? router.NewUsername();
                outputs.Send(StreamFrames.Success(admitted.Message.Span));
                State = XmppStreamState.Restarting;
                break;
            case AdmissionResult.Refused refused:
                RefuseAuthentication(refused.Condition, refused.Text, now, outputs);
                break;
            default:
                RefuseAuthentication("not-authorized", "", now, outputs);
                break;
        }
    }

    /// <summary>The session of <see cref="FindSession"/> was found, and no other socket serves it any more.</summary>
    public void Resume(XmppSession session, MeshInstant now, SessionOutputs outputs)
    {
        if (State != XmppStreamState.Resuming) return;
        if (session.Info.Jid.Local != _username || session.Info.Jid.Domain != _host || !session.Attach(_resumeHandled, Describe(session.Info.Jid), now, outputs))
        {
            ResumeFailed(outputs);
            return;
        }

        Session = session;
        State = XmppStreamState.Bound;
    }

    public void ResumeFailed(SessionOutputs outputs)
    {
        if (State != XmppStreamState.Resuming) return;
        outputs.Send(StreamFrames.ManagementFailed("item-not-found"));
        State = XmppStreamState.Binding;
    }

    /// <summary>The socket broke, or the surroundings close it.</summary>
    public void SocketClosed(SessionEndReason reason, MeshInstant now, SessionOutputs outputs)
    {
        if (State == XmppStreamState.Closed) return;
        State = XmppStreamState.Closed;
        Session?.Detach(reason, now, outputs);
    }

    /// <summary>Ends the stream with an error (RFC 6120 section 4.9), and the session with it.</summary>
    public void Fail(string condition, SessionEndReason reason, MeshInstant now, SessionOutputs outputs)
    {
        if (State == XmppStreamState.Closed) return;
        // Section 4.9.1.2: an error before the server's header comes after a header.
        if (State is XmppStreamState.Opening or XmppStreamState.DescribingHost or XmppStreamState.Restarting) outputs.Send(_framing.Open(_host.Length > 0 ? _host : router.DefaultHost, router.NewStreamId()));
        outputs.Send(XmppFraming.StreamError(condition));
        outputs.Send(StreamFrames.Close);
        Close(reason, now, outputs);
    }

    private void HandleOpen(XmppElement element, MeshInstant now, SessionOutputs outputs)
    {
        if (!XmppFraming.TryReadOpen(element, out var open))
        {
            Fail(XmppFraming.IsOpen(element) ? "improper-addressing" : "invalid-namespace", SessionEndReason.BadFraming, now, outputs);
            return;
        }

        if (State == XmppStreamState.Restarting)
        {
            // The login was for one host.
            if (!Jid.TryCreate(null, open.To, null, out var same) || same.Domain != _host)
            {
                Fail("not-authorized", SessionEndReason.NotAuthorized, now, outputs);
                return;
            }

            outputs.Send(_framing.Open(_host, router.NewStreamId()));
            outputs.Send(_framing.BoundFeatures);
            State = XmppStreamState.Binding;
            return;
        }

        if (!Jid.TryCreate(null, open.To, null, out var host))
        {
            Fail("host-unknown", SessionEndReason.UnknownHost, now, outputs);
            return;
        }

        _host = host.Domain;
        State = XmppStreamState.DescribingHost;
        if (router.Domains.KindOf(_host) == DomainKind.Host) outputs.Do(new DescribeHost(_host));
        else HostDescribed([], now, outputs);
    }

    private void HandleAuthentication(XmppElement element, MeshInstant now, SessionOutputs outputs)
    {
        if (element.Namespace != Namespaces.Sasl)
        {
            Fail("not-authorized", SessionEndReason.NotAuthorized, now, outputs);
            return;
        }

        if (element.Name == "abort")
        {
            RefuseAuthentication("aborted", "", now, outputs);
            return;
        }

        ReadOnlyMemory<byte> state = default;
        if (_challenge is { } challenge)
        {
            if (element.Name != "response")
            {
                RefuseAuthentication("malformed-request", "", now, outputs);
                return;
            }

            state = challenge;
            _challenge = null;
        }
        else
        {
            _steps = 0;
            _mechanism = element["mechanism"] ?? "";
            if (element.Name != "auth" || !_mechanisms.Contains(_mechanism))
            {
                RefuseAuthentication("invalid-mechanism", "", now, outputs);
                return;
            }
        }

        if (!SaslText.TryDecode(element.Text, out var message))
        {
            RefuseAuthentication("incorrect-encoding", "", now, outputs);
            return;
        }

        var request = new AdmissionRequest
        {
            Host = _host,
            Mechanism = _mechanism,
            Message = message,
            State = state,
            Token = connection.Token ?? "",
            Room = connection.Room ?? "",
            Tenant = connection.Tenant ?? "",
            AddressTag = connection.AddressTag ?? "",
        };
        State = XmppStreamState.Admitting;
        _askedAt = now.Now;

        // Only an anonymous session gets the name again that it had.
        outputs.Do(new Admit(request, _mechanism == "ANONYMOUS" ? connection.PreviousId : null));
    }

    private void RefuseAuthentication(string condition, string text, MeshInstant now, SessionOutputs outputs)
    {
        _challenge = null;
        outputs.Send(StreamFrames.SaslFailure(condition, text));
        if (++_tries >= SignallingLimits.AuthenticationTries) Fail("policy-violation", SessionEndReason.NotAuthorized, now, outputs);
    }

    private void HandleBinding(XmppElement element, MeshInstant now, SessionOutputs outputs)
    {
        if (element.Name == "resume" && element.Namespace == Namespaces.StreamManagement)
        {
            State = XmppStreamState.Resuming;
            if (element["previd"] is { Length: > 0 } previousId && uint.TryParse(element["h"], NumberStyles.None, CultureInfo.InvariantCulture, out _resumeHandled)) outputs.Do(new FindSession(previousId, _resumeHandled));
            else ResumeFailed(outputs);
            return;
        }

        if (element.Namespace == Namespaces.StreamManagement)
        {
            outputs.Send(StreamFrames.ManagementFailed("unexpected-request"));
            return;
        }

        if (element.Name != "iq" || element["type"] != "set" || element.Child("bind", Namespaces.Bind) is null)
        {
            Fail("not-authorized", SessionEndReason.BadFraming, now, outputs);
            return;
        }

        // The resource is ours to choose (RFC 6120 section 7.6): a client cannot take that of another session.
        var jid = Jid.Create(_username, _host, router.NewResource());
        Session = new XmppSession(Describe(jid), router, hibernationTime) { AskedAt = _askedAt };
        State = XmppStreamState.Bound;
        outputs.Do(new SessionBound(Session));
        var result = new XmppElement("bind", Namespaces.Bind).Add(new XmppElement("jid", Namespaces.Bind).AddText(Session.FullJid));
        outputs.Send(Stanzas.Iq("result", element["id"] ?? "", null, result));
    }

    private void CloseByClient(MeshInstant now, SessionOutputs outputs)
    {
        outputs.Send(StreamFrames.Close);
        Close(SessionEndReason.ClosedByClient, now, outputs);
    }

    private SessionInfo Describe(Jid jid) => SessionInfo.Of(jid, queue) with
    {
        Context = _vouched with
        {
            Token = connection.Token,
            Room = connection.Room,
            Tenant = connection.Tenant,
            Region = connection.Region,
            AddressTag = connection.AddressTag,
        },
    };

    private void Close(SessionEndReason reason, MeshInstant now, SessionOutputs outputs)
    {
        State = XmppStreamState.Closed;
        Session?.End(reason, now, outputs);
        outputs.Do(new CloseSocket(reason));
    }
}
