using JitsiMesh.Contracts.Links;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>The conference request, and the way into the room and out of it.</summary>
public sealed partial class Conference
{
    // 1. Request -> join presence. 2. Own presence -> configuration form. 3. Form -> submit whois=anyone. 4. Result -> active: presence,
    // answers to all who wait, then whoever joined meanwhile.
    private void OnConferenceRequest(StanzaEnvelope envelope, XmppElement iq, SessionTicket? ticket)
    {
        var first = Core.Waiting.IsEmpty && Core.EmptyDeadline == MonotonicTime.Never && Core.Phase == ConferencePhase.Joining;
        var admission = ConferenceAdmission.Decide(iq, envelope.Origin, exists: !first, _options, Now, ticket, id => Core.Known.Any(asker => asker.SessionId == id));
        if (admission.Refusal is not null || !ConferenceRequest.TryParse(iq, out var request))
        {
            Answer(iq, admission.Refusal ?? StanzaError.BadRequest, envelope.ReplyQueue);
            return;
        }

        var waiting = new WaitingRequest(iq["id"] ?? "", iq["from"] ?? envelope.Origin?.RealJid ?? "", iq["to"] ?? _options.ServiceAddress)
        {
            Queue = envelope.ReplyQueue,
            SessionId = admission.SessionId,
            Identity = admission.Identity,
        };
        if (admission.Identity is { } identity) Remember(new KnownAsker(waiting.From, identity, admission.SessionId, admission.Moderator));
        if (Core.Phase == ConferencePhase.Active)
        {
            if (_document.ParticipantCount == 0) Core = Core with { EmptyDeadline = Now + _options.InitialTimeout };
            Expect(waiting);
            Send(ConferenceRequest.Answer(waiting, Room, ready: true, _options), askerQueue: waiting.Queue);
            return;
        }

        if (Core.Waiting.Length >= FocusLimits.WaitingRequests)
        {
            Send(ConferenceRequest.Answer(waiting, Room, ready: false, _options), askerQueue: waiting.Queue);
            return;
        }

        Core = Core with { Waiting = Core.Waiting.Add(waiting) };
        if (!first) return;
        Core = Core with
        {
            StartAudioMuted = request.StartAudioMuted,
            StartVideoMuted = request.StartVideoMuted,
            EmptyDeadline = Now + _options.InitialTimeout,
        };
        _outputs.Add(new ConferenceBegan(Core.MeetingId));
        Send(_stanzas.Join(Room));
    }

    // A guest that logged in meanwhile is in the room already: what its login says counts now.
    private void Remember(KnownAsker asker)
    {
        var known = Core.Known.RemoveAll(one => one.RealJid == asker.RealJid);
        if (known.Length >= FocusLimits.KnownAskers) known = known.RemoveAt(0);
        Core = Core with { Known = known.Add(asker) };
        if (_document.Participants.FirstOrDefault(participant => participant.RealJid == asker.RealJid) is not { Identity: null } guest) return;
        Put(guest with { Identity = asker.Identity, Moderator = asker.Moderator });
        NoteModerators(asker.Moderator);
        if (Core.Phase == ConferencePhase.Active) ElectOwner();
    }

    /// <summary>A logout: who showed the login is a guest again, and stays what it is in the room until it leaves.</summary>
    private void ForgetLogin(SessionTicket ticket)
    {
        foreach (var asker in Core.Known.Where(asker => asker.SessionId == ticket.Id).ToList())
        {
            Core = Core with { Known = Core.Known.Remove(asker) };
            if (_document.Participants.FirstOrDefault(participant => participant.RealJid == asker.RealJid) is { } participant) Put(participant with { Identity = null, Moderator = null });
        }
    }

    // Who was told to come finds the conference, even if all others leave meanwhile.
    private void Expect(WaitingRequest request)
    {
        if (_document.Participants.Any(participant => participant.RealJid == request.From)) return;
        var others = Core.Expected.RemoveAll(asker => asker.RealJid == request.From || Now >= asker.Until);
        if (others.Length < FocusLimits.WaitingRequests) Core = Core with { Expected = others.Add(new ExpectedAsker(request.From, Now + _options.InitialTimeout)) };
    }

    private void AnswerWaiting(bool ready)
    {
        foreach (var request in Core.Waiting)
        {
            if (ready) Expect(request);
            Send(ConferenceRequest.Answer(request, Room, ready, _options), askerQueue: request.Queue);
        }

        Core = Core with { Waiting = [] };
    }

    private void OnPresence(StanzaEnvelope envelope, XmppElement presence, string? nick)
    {
        if (nick is null) return;
        if (nick == FocusOptions.Nick)
        {
            OnOwnPresence(presence);
            return;
        }

        if (FocusOptions.IsReservedNick(nick) || presence["type"] is not (null or "unavailable")) return;
        if (MemberPresence.Read(presence, nick) is not { } member)
        {
            // A presence without an item can only end a membership.
            Count(ConferenceEvent.MalformedStanza);
            if (presence["type"] == "unavailable") OnMemberLeft(nick, switchingRoom: false);
            return;
        }

        if (member.Available) OnMemberPresent(member, envelope.Origin?.Session);
        else OnMemberLeft(nick, member.SwitchingRoom);
    }

    private void OnOwnPresence(XmppElement presence)
    {
        if (presence["type"] == "error")
        {
            if (Core.Phase == ConferencePhase.Joining) End(ConferenceEndReason.JoinFailed);
            return;
        }

        if (presence["type"] == "unavailable")
        {
            // While joining it is the echo of a leave: of the conference before this one in the same room.
            if (Core.Phase == ConferencePhase.Joining) return;
            End(ConferenceEndReason.RoomDestroyed);
            return;
        }

        if (MemberPresence.Read(presence, FocusOptions.Nick) is not { } self) return;
        if (self.Affiliation != "owner")
        {
            End(ConferenceEndReason.NotOwner);
            return;
        }

        if (Core.Phase != ConferencePhase.Joining) return;
        Core = Core with { Phase = ConferencePhase.Configuring };
        Ask(Room, FocusStanzas.GetConfiguration(), "get", IqPurpose.OwnerForm);
    }

    private void OnIqAnswer(XmppElement iq)
    {
        var pending = Core.PendingIqs.FirstOrDefault(one => one.Id == iq["id"]);
        // The first answer counts. A client acknowledges a session-initiate before it looks at it.
        if (pending is null) return;
        var expectedFrom = pending.Nick.Length == 0 ? Room : OccupantJid(pending.Nick);
        if (iq["from"] != expectedFrom) return;
        Core = Core with { PendingIqs = Core.PendingIqs.Remove(pending) };
        var isError = iq["type"] == "error";
        switch (pending.Purpose)
        {
            case IqPurpose.OwnerForm when isError:
            case IqPurpose.OwnerSubmit when isError:
                End(ConferenceEndReason.JoinFailed);
                break;
            case IqPurpose.OwnerForm:
                OnOwnerForm(iq);
                break;
            case IqPurpose.OwnerSubmit:
                OnConfigured();
                break;
            case IqPurpose.Features:
                OnFeatures(pending.Nick, isError ? null : iq.Child("query", Namespaces.DiscoInfo));
                break;
            case IqPurpose.SessionInitiate when isError:
                OnInitiateRefused(pending.Nick, pending.Id);
                break;
        }
    }

    private void OnIqTimeout(PendingIq pending)
    {
        switch (pending.Purpose)
        {
            case IqPurpose.OwnerForm or IqPurpose.OwnerSubmit:
                End(ConferenceEndReason.JoinFailed);
                break;
            case IqPurpose.Features:
                OnFeatures(pending.Nick, null);
                break;
        }
    }

    private void OnOwnerForm(XmppElement iq)
    {
        var meetingId = FocusStanzas.ReadField(iq, "muc#roominfo_meetingId");
        Core = Core with
        {
            MeetingId = string.IsNullOrEmpty(meetingId) ? Core.MeetingId : meetingId,
            IsBreakout = FocusStanzas.ReadField(iq, "muc#roominfo_isbreakout") is "1" or "true",
        };
        Ask(Room, FocusStanzas.SubmitConfiguration(), "set", IqPurpose.OwnerSubmit);
    }

    private void OnConfigured()
    {
        Core = Core with { Phase = ConferencePhase.Active, EmptyDeadline = _document.ParticipantCount == 0 ? Now + _options.InitialTimeout : MonotonicTime.Never };
        PublishStatus();
        AnswerWaiting(ready: true);
        ElectOwner();
        foreach (var participant in _document.Participants.ToList()) Discover(participant);
        InviteAll();
    }

    /// <summary>Features come from the caps that someone verified before, or from asking (XEP-0115 section 6.2).</summary>
    private void Discover(Participant participant)
    {
        if (participant.Features is not null) return;
        if (participant.Caps is { } caps)
        {
            if (_context.Caps.TryGetValue(caps, out var known))
            {
                Put(participant with { Features = known });
                return;
            }
        }

        Ask(OccupantJid(participant.Nick), new XmppElement("query", Namespaces.DiscoInfo, ("node", participant.Caps)), "get", IqPurpose.Features, participant.Nick);
    }

    private void OnFeatures(string nick, XmppElement? query)
    {
        if (_document.Find(nick) is not { Features: null } participant) return;
        Put(participant with { Features = query is null ? ParticipantFeatures.Default : ParticipantFeatureNames.Read(query) });
        if (query is not null && participant.Caps is { } caps && CapsHash.TryCompute(query, out var hash) && caps.EndsWith("#" + hash, StringComparison.Ordinal))
        {
            _outputs.Add(new CapsLearned(caps, ParticipantFeatureNames.Read(query)));
        }

        InviteAll();
    }
}
