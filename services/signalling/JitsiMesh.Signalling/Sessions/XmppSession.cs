using System.Globalization;
using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>
/// A bound session (RFC 6120 section 7): its address, its stream management, the rooms it is in. It outlives its socket when it may be
/// resumed (XEP-0198 section 5). A synchronous machine; its driver lets in one call at a time.
/// </summary>
public sealed partial class XmppSession
{
    private readonly StanzaRouter _router;
    private readonly StreamManagement<SentStanza> _management;
    private readonly StreamRecord _record = new();
    private readonly Dictionary<string, string> _rooms = new(StringComparer.Ordinal);
    private readonly Queue<(string Room, string OccupantJid)> _former = new();
    private readonly TokenBucket _rate = new(SignallingLimits.StanzasPerSecond, SignallingLimits.StanzaBurst);
    private readonly TokenBucket _octets = new(SignallingLimits.OctetsPerSecond, SignallingLimits.OctetBurst);
    private readonly TokenBucket _focusRate = new(SignallingLimits.FocusRequestsPerSecond, SignallingLimits.FocusRequestBurst);
    private readonly TokenBucket _credentialRate = new(SignallingLimits.CredentialRequestsPerSecond, SignallingLimits.CredentialRequestBurst);
    private readonly TimeSpan _hibernationTime;

    public XmppSession(SessionInfo info, StanzaRouter router, TimeSpan hibernationTime)
    {
        Info = info;
        _management = new StreamManagement<SentStanza>(static sent => sent.Octets, _record.Acknowledged);
        _router = router;
        _hibernationTime = hibernationTime;
        EscapedJid = XmppSerializer.EscapeAttribute(info.FullJid);
        AddressBytes = Encoding.UTF8.GetBytes(EscapedJid);
    }

    /// <summary>Replaced on resume: the newer token counts.</summary>
    public SessionInfo Info { get; private set; }

    public string FullJid => Info.FullJid;

    public string EscapedJid { get; }

    /// <summary>The full JID as it stands in the <c>to</c> of a frame.</summary>
    public byte[] AddressBytes { get; }

    /// <summary>A socket serves the session.</summary>
    public bool IsAttached { get; private set; } = true;

    public bool IsEnded { get; private set; }

    public string? ResumeId => _management.ResumeId;

    /// <summary>When its login was asked for.</summary>
    public MonotonicTime AskedAt { get; init; }

    /// <summary>When the wait for a new socket ends.</summary>
    public MonotonicTime Deadline { get; private set; } = MonotonicTime.Never;

    /// <summary>Stored room JIDs and the occupant address under which the session is in each.</summary>
    public IReadOnlyDictionary<string, string> Rooms => _rooms;

    public int UnacknowledgedCount => _management.UnacknowledgedCount;

    public long UnacknowledgedOctets => _management.UnacknowledgedSize;

    /// <summary>Its client has come with the id of a session that was restored without.</summary>
    public void Name(string resumeId) => _management.Name(resumeId);

    /// <summary>A frame for the client, from a room or from the server.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="now">The time.</param>
    /// <param name="outputs">Frames and effects.</param>
    /// <param name="origin">The envelope that brought it; null where none did.</param>
    public void Deliver(OutboundFrame frame, MeshInstant now, SessionOutputs outputs, LinkOrigin? origin = null)
    {
        if (IsEnded || (origin is not null && !_record.IsNew(origin)) || !frame.IsStanza)
        {
            origin?.Receipt.Complete();
            if (!IsEnded && !frame.IsStanza && IsAttached) outputs.Send(frame);
            return;
        }

        if (frame.NotIn is not null) NotIn(frame.NotIn, outputs);
        SendStanza(frame, now, outputs, origin);
    }

    private void SendStanza(OutboundFrame frame, MeshInstant now, SessionOutputs outputs, LinkOrigin? origin = null)
    {
        if (origin is not null && !_record.IsOn)
        {
            _record.Positions.Advance(origin);
            origin.Receipt.Complete();
            origin = null;
        }

        _management.Sent(new SentStanza(frame, now.Utc, origin));
        if (origin is null || !IsAttached) _record.Changed(outputs);
        else _record.Delivered(outputs);
        if (_management.UnacknowledgedCount > SignallingLimits.UnacknowledgedStanzas || _management.UnacknowledgedSize > SignallingLimits.UnacknowledgedOctets)
        {
            End(SessionEndReason.UnacknowledgedQueueFull, now, outputs);
            if (IsAttached) CloseWith("policy-violation", SessionEndReason.UnacknowledgedQueueFull, outputs);
            return;
        }

        if (!IsAttached) return;
        _record.Send(frame, needsRecord: origin is null, outputs);
        RequestAcknowledgement(outputs);
    }

    private void RequestAcknowledgement(SessionOutputs outputs)
    {
        if (_management.TakeRequest(SignallingLimits.AckRequestEvery)) _record.Send(StreamFrames.AckRequest, needsRecord: false, outputs);
    }

    /// <summary>An element from the client after binding.</summary>
    /// <param name="element">The element.</param>
    /// <param name="size">How long it came, and how much longer it may be when written.</param>
    /// <param name="now">The time.</param>
    /// <param name="outputs">Frames and effects.</param>
    public void Handle(XmppElement element, FrameSize size, MeshInstant now, SessionOutputs outputs)
    {
        if (IsEnded) return;
        if (element.Namespace == Namespaces.StreamManagement)
        {
            if (!TryPay(SignallingLimits.ManagementCost, size, now, outputs)) return;
            HandleManagement(element, now, outputs);
            return;
        }

        if (element.Namespace != Namespaces.Client || element.Name is not ("iq" or "message" or "presence"))
        {
            CloseWith("unsupported-stanza-type", SessionEndReason.BadFraming, outputs);
            End(SessionEndReason.BadFraming, now, outputs);
            return;
        }

        _management.CountHandled();
        if (!TryPay(1, size, now, outputs)) return;
        // The five attributes of a stanza (RFC 6120 section 8.1); others would be relayed, and mean nothing.
        element.RemoveAttributes(static attribute => !IsOfStanza(attribute));
        // RFC 6120 section 8.1.2.1: the server stamps the sender and ignores what the client wrote.
        element["from"] = Info.FullJid;
        var (effects, rooms) = (outputs.Effects.Count, _rooms.Count);
        if (size.MayGrow && XmppSerializer.Measure(element) > size.Bound) RefuseGrowth(element, now, outputs);
        else Route(element, now, outputs);
        if (!_record.IsOn) return;
        NumberInputs(outputs, effects);
        _record.Changed(outputs);
        // Should this node die now and the client not come back, the next node must know which rooms the session is in: before the room says that it is.
        if (_rooms.Count != rooms) outputs.Effects.Insert(effects, _record.Press());
    }

    // A client sends again what it does not know to be handled: by the number rooms tell what they have had already.
    private void NumberInputs(SessionOutputs outputs, int from)
    {
        for (var i = from; i < outputs.Effects.Count; i++)
        {
            if (outputs.Effects[i] is ToRoom { Input: var input }) outputs.Effects[i] = new ToRoom(input with { SessionNumber = _management.Handled });
        }
    }

    private static bool IsOfStanza(XmppAttribute attribute) =>
        attribute.Namespace.Length == 0 ? attribute.Name is "to" or "from" or "id" or "type" : attribute is { Name: "lang", Namespace: Namespaces.Xml };

    // An exception in a module or in the routing is our bug: it costs this one stanza.
    private void Route(XmppElement stanza, MeshInstant now, SessionOutputs outputs)
    {
        var (frames, effects) = (outputs.Frames.Count, outputs.Effects.Count);
        try
        {
            _router.Route(this, stanza, now, outputs);
        }
        catch (Exception exception)
        {
            outputs.Frames.RemoveRange(frames, outputs.Frames.Count - frames);
            outputs.Effects.RemoveRange(effects, outputs.Effects.Count - effects);
            Refuse(stanza, StanzaError.InternalServerError, now, outputs);
            outputs.Do(new StanzaFailed(exception, Info.Jid.Resource ?? ""));
        }
    }

    /// <summary>What one receiver would get is out of proportion to what was sent: nobody gets it, and who waits for it hears so.</summary>
    private void RefuseGrowth(XmppElement stanza, MeshInstant now, SessionOutputs outputs)
    {
        outputs.Do(new StanzaRefused("amplification"));
        if (stanza is { Name: "iq" } && stanza["type"] is "result" or "error")
        {
            var error = Stanzas.Iq("error", stanza["id"] ?? "", stanza["to"], StanzaError.NotAcceptable.ToElement(), Info.FullJid);
            Route(error, now, outputs);
            return;
        }

        Refuse(stanza, StanzaError.PolicyViolation.WithText("Longer with its namespaces than it may be"), now, outputs);
    }

    /// <summary>How long its reader waits before it takes the next frame: who talks too fast or too much is slowed down, not refused.</summary>
    public TimeSpan Pause(MeshInstant now)
    {
        if (IsEnded) return TimeSpan.Zero;
        var (stanzas, octets) = (_rate.Wait(now.Now), _octets.Wait(now.Now));
        return stanzas > octets ? stanzas : octets;
    }

    /// <summary>White space between stanzas: it counts as what was sent.</summary>
    public void TakeSpace(int octets, MeshInstant now) => _octets.Take(octets, now.Now);

    private bool TryPay(double tokens, FrameSize size, MeshInstant now, SessionOutputs outputs)
    {
        _rate.Take(tokens, now.Now);
        _octets.Take(size.Octets, now.Now);
        if (_rate.Debt <= SignallingLimits.StanzasAhead && _octets.Debt <= SignallingLimits.OctetsAhead) return true;
        CloseWith("policy-violation", SessionEndReason.RateExceeded, outputs);
        End(SessionEndReason.RateExceeded, now, outputs);
        return false;
    }

    /// <summary>Answers a stanza of the client with an error.</summary>
    public void Refuse(XmppElement stanza, StanzaError error, MeshInstant now, SessionOutputs outputs)
    {
        if (stanza["type"] is "error" or "result") return;
        var reply = Stanzas.Error(stanza, error);
        reply["to"] = Info.FullJid;
        // Of a presence, too: the room has not spoken, and who was in it still is.
        if (!IsEnded) SendStanza(OutboundFrame.Stanza(reply), now, outputs);
    }

    public void Reply(XmppElement iq, XmppElement? payload, MeshInstant now, SessionOutputs outputs) =>
        Deliver(OutboundFrame.Stanza(Stanzas.Result(iq, payload)), now, outputs);

    /// <summary>Notes a join. False when the session is in too many rooms.</summary>
    public bool TryEnter(string room, string occupantJid)
    {
        if (_rooms.ContainsKey(room)) return true;
        if (_rooms.Count >= SignallingLimits.RoomsOfSession) return false;
        _rooms[room] = occupantJid;
        return true;
    }

    // Kicked, destroyed, refused. The word may be older than the client's next join, so the room hears of the session's end all the same.
    private void NotIn(string occupantJid, SessionOutputs outputs)
    {
        if (!Jid.TryParse(occupantJid, out var jid)) return;
        var room = _router.Domains.ToStored(jid).Bare.ToString();
        if (!_rooms.TryGetValue(room, out var known) || !Jid.TryParse(known, out var own) || own != jid) return;
        _rooms.Remove(room);
        _former.Enqueue((room, known));
        _record.Changed(outputs);
        if (_former.Count <= SignallingLimits.FormerRoomsOfSession) return;
        var (oldest, address) = _former.Dequeue();
        if (!_rooms.ContainsKey(oldest)) TellLeft(oldest, address, null, outputs, LeaveReason.Left);
    }

    public void Leave(string room) => _rooms.Remove(room);

    /// <summary>Notes a request to focus. False when there were too many.</summary>
    public bool TryAskFocus(MeshInstant now) => _focusRate.TryTake(1, now.Now);

    /// <summary>Notes a request for credentials. False when there were too many.</summary>
    public bool TryAskCredentials(MeshInstant now) => _credentialRate.TryTake(1, now.Now);

    /// <summary>Leaves every room, with the client's own words (RFC 6121 section 4.6: unavailable without <c>to</c>).</summary>
    public void LeaveAll(XmppElement? unavailable, SessionOutputs outputs, LeaveReason reason = LeaveReason.Left)
    {
        foreach (var (room, occupant) in _rooms) TellLeft(room, occupant, unavailable, outputs, reason);
        foreach (var (room, occupant) in _former)
        {
            if (!_rooms.ContainsKey(room)) TellLeft(room, occupant, unavailable, outputs, reason);
        }

        _rooms.Clear();
        _former.Clear();
    }

    private void TellLeft(string room, string occupant, XmppElement? unavailable, SessionOutputs outputs, LeaveReason reason)
    {
        var presence = unavailable?.ShallowClone() ?? Stanzas.Presence("unavailable", null);
        presence["from"] = Info.FullJid;
        presence["to"] = occupant;
        outputs.Do(new ToRoom(new RoomInput(room, presence, Info) { LeftBecause = reason }));
    }

    /// <summary>The socket is gone. Waits for another when the client may resume; ends otherwise.</summary>
    public void Detach(SessionEndReason reason, MeshInstant now, SessionOutputs outputs)
    {
        if (IsEnded || !IsAttached) return;
        IsAttached = false;
        _record.DropHeld();
        if (ResumeId is null) End(reason, now, outputs);
        else Deadline = now.Now + _hibernationTime;
        _record.Changed(outputs);
    }

    /// <summary>Another socket takes over: hands out what the client missed. False when <paramref name="h"/> cannot be.</summary>
    public bool Attach(uint h, SessionInfo context, MeshInstant now, SessionOutputs outputs)
    {
        if (IsEnded || ResumeId is null) return false;
        if (_management.Resume(h, out var missed) != AcknowledgeOutcome.Accepted) return false;
        IsAttached = true;
        Deadline = MonotonicTime.Never;
        Info = Info with { Context = Info.Context.RenewedBy(context.Context) };
        _record.CardChanged();
        _record.Changed(outputs);
        _record.Send(OutboundFrame.Element(string.Create(CultureInfo.InvariantCulture, $"<resumed xmlns=\"{Namespaces.StreamManagement}\" h=\"{_management.Handled}\" previd=\"{ResumeId}\"/>")), needsRecord: true, outputs);
        foreach (var sent in missed) _record.Send(sent.Frame.WithDelay(sent.At, Info.Jid.Domain), needsRecord: false, outputs);
        RequestAcknowledgement(outputs);
        return true;
    }

    /// <summary>The account is gone: the session ends, whether a socket serves it or not.</summary>
    public void Revoke(MeshInstant now, SessionOutputs outputs)
    {
        if (IsEnded) return;
        if (IsAttached) CloseWith("not-authorized", SessionEndReason.AccountRevoked, outputs);
        End(SessionEndReason.AccountRevoked, now, outputs);
    }

    public void Tick(MeshInstant now, SessionOutputs outputs)
    {
        if (!IsEnded && Deadline <= now.Now) End(SessionEndReason.HibernationExpired, now, outputs);
    }

    public void End(SessionEndReason reason, MeshInstant now, SessionOutputs outputs)
    {
        if (IsEnded) return;
        IsEnded = true;
        Deadline = MonotonicTime.Never;
        _record.Stop(_management.Unacknowledged, IsAttached ? outputs : null);
        try
        {
            BounceRequests(outputs);
        }
        finally
        {
            // Also after a failure no occupant without a session stays in the rooms.
            LeaveAll(null, outputs, reason.ToLeaveReason());
            outputs.Do(new SessionEnded(this, reason));
        }
    }

    // Before the leaves, for a room passes on nothing of one who is not in it.
    private void BounceRequests(SessionOutputs outputs)
    {
        foreach (var sent in _management.Unacknowledged.Where(sent => sent.Frame.IsRequest))
        {
            if (!XmppParser.TryParse(sent.Frame.ToText(EscapedJid), out var request, out _)) continue;
            var error = Stanzas.Error(request, StanzaError.ServiceUnavailable);
            error["from"] = Info.FullJid;
            _router.Bounce(this, error, outputs);
        }
    }

    private void HandleManagement(XmppElement element, MeshInstant now, SessionOutputs outputs)
    {
        switch (element.Name)
        {
            case "enable" when !_management.Enabled:
                var id = element["resume"] is "true" or "1" ? _router.NewResumeId() : null;
                _management.Enable(id);
                outputs.Send(OutboundFrame.Element(id is null
                    ? $"<enabled xmlns=\"{Namespaces.StreamManagement}\"/>"
                    : string.Create(CultureInfo.InvariantCulture, $"<enabled xmlns=\"{Namespaces.StreamManagement}\" id=\"{id}\" resume=\"true\" max=\"{(int)_hibernationTime.TotalSeconds}\"/>")));
                if (id is not null) outputs.Do(new SessionResumable(this, id));
                break;
            case "enable":
                outputs.Send(StreamFrames.ManagementFailed("unexpected-request"));
                break;
            case "r":
                var answer = OutboundFrame.Element(string.Create(CultureInfo.InvariantCulture, $"<a xmlns=\"{Namespaces.StreamManagement}\" h=\"{_management.Handled}\"/>"));
                _record.Send(answer, needsRecord: _record.Owes(_management.Handled), outputs);
                break;
            case "a":
                if (uint.TryParse(element["h"], NumberStyles.None, CultureInfo.InvariantCulture, out var h) && _management.Acknowledge(h) != AcknowledgeOutcome.TooHigh)
                {
                    _record.Changed(outputs);
                    RequestAcknowledgement(outputs);
                    break;
                }

                CloseWith("undefined-condition", SessionEndReason.BadAcknowledgement, outputs);
                End(SessionEndReason.BadAcknowledgement, now, outputs);
                break;
            default:
                outputs.Send(StreamFrames.ManagementFailed("unexpected-request"));
                break;
        }
    }

    private void CloseWith(string condition, SessionEndReason reason, SessionOutputs outputs)
    {
        _record.Flush(outputs);
        outputs.Send(XmppFraming.StreamError(condition));
        outputs.Send(StreamFrames.Close);
        outputs.Do(new CloseSocket(reason));
    }
}
