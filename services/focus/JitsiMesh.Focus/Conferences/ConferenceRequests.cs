using JitsiMesh.Contracts.Links;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// Conference requests: which clients may request, which wait for the answer, which are expected in the room, and their logins. Owns <see cref="AdmissionState"/>. Also writes
/// <see cref="Participant.Identity"/> and <see cref="Participant.Moderator"/> of a participant in the room that logs in or out.
/// </summary>
internal sealed class ConferenceRequests(
    ConferenceDocument document, ConferenceEffects effects, FocusPresence presence, ConferenceTimeouts timeouts, OwnerElection owners, Moderation moderation, FocusOptions options)
{
    private AdmissionState State
    {
        get => document.Core.Admissions;
        set => document.Core = document.Core with { Admissions = value };
    }

    /// <summary>A client that received <c>ready=true</c> may still join.</summary>
    public bool ExpectsSomebody => State.Expected.Any(asker => effects.Now < asker.Until);

    /// <summary>The first request makes the focus join the room; requests wait until it has joined.</summary>
    public void OnRequest(StanzaEnvelope envelope, XmppElement iq, SessionTicket? ticket)
    {
        var first = State.Waiting.IsEmpty && !timeouts.WaitsForParticipants && document.Core.Phase == ConferencePhase.Joining;
        var admission = ConferenceAdmission.Decide(iq, envelope.Origin, exists: !first, options, effects.Now, ticket, id => State.Known.Any(asker => asker.SessionId == id));
        if (admission.Refusal is not null || !ConferenceRequest.TryParse(iq, out var request))
        {
            effects.Answer(iq, admission.Refusal ?? StanzaError.BadRequest, envelope.ReplyQueue);
            return;
        }

        var waiting = new WaitingRequest(iq["id"] ?? "", iq["from"] ?? envelope.Origin?.RealJid ?? "", iq["to"] ?? options.ServiceAddress)
        {
            Queue = envelope.ReplyQueue,
            SessionId = admission.SessionId,
            Identity = admission.Identity,
        };
        if (admission.Identity is { } identity) Remember(new KnownAsker(waiting.From, identity, admission.SessionId, admission.Moderator));
        if (document.Core.Phase == ConferencePhase.Active)
        {
            if (document.ParticipantCount == 0) timeouts.WaitForParticipants();
            Expect(waiting);
            Answer(waiting, ready: true);
            return;
        }

        if (State.Waiting.Length >= FocusLimits.WaitingRequests)
        {
            Answer(waiting, ready: false);
            return;
        }

        State = State with { Waiting = State.Waiting.Add(waiting) };
        if (!first) return;
        moderation.StartMutedBeyond(request.StartAudioMuted, request.StartVideoMuted);
        timeouts.WaitForParticipants();
        effects.Add(new ConferenceBegan(document.Core.MeetingId));
        presence.Join();
    }

    /// <summary>Answers all waiting requests: the focus is in the room, or the conference ended.</summary>
    public void AnswerWaiting(bool ready)
    {
        foreach (var request in State.Waiting)
        {
            if (ready) Expect(request);
            Answer(request, ready);
        }

        State = State with { Waiting = [] };
    }

    /// <summary>A logout: the participant with that login becomes a guest again, but keeps its role in the room until it leaves.</summary>
    public void ForgetLogin(SessionTicket ticket)
    {
        foreach (var asker in State.Known.Where(asker => asker.SessionId == ticket.Id).ToList())
        {
            State = State with { Known = State.Known.Remove(asker) };
            if (document.Participants.FirstOrDefault(participant => participant.RealJid == asker.RealJid) is { } participant) document.Put(participant with { Identity = null, Moderator = null });
        }
    }

    /// <summary>The login that a full JID sent with its request, or null.</summary>
    public KnownAsker? FindKnown(string? realJid) => State.Known.FirstOrDefault(one => one.RealJid == realJid);

    /// <summary>A full JID that may have been expected has joined.</summary>
    public void OnJoined(string realJid)
    {
        if (State.Expected.FirstOrDefault(asker => asker.RealJid == realJid) is { } expected) State = State with { Expected = State.Expected.Remove(expected) };
    }

    // A guest in the room has logged in: its login now counts.
    private void Remember(KnownAsker asker)
    {
        var known = State.Known.RemoveAll(one => one.RealJid == asker.RealJid);
        if (known.Length >= FocusLimits.KnownAskers) known = known.RemoveAt(0);
        State = State with { Known = known.Add(asker) };
        if (document.Participants.FirstOrDefault(participant => participant.RealJid == asker.RealJid) is not { Identity: null } guest) return;
        document.Put(guest with { Identity = asker.Identity, Moderator = asker.Moderator });
        owners.NoteLogin(asker.Moderator);
        if (document.Core.Phase == ConferencePhase.Active) owners.Elect();
    }

    // A client that received <c>ready=true</c> must find the conference, even if all others leave in the meantime.
    private void Expect(WaitingRequest request)
    {
        if (document.Participants.Any(participant => participant.RealJid == request.From)) return;
        var others = State.Expected.RemoveAll(asker => asker.RealJid == request.From || effects.Now >= asker.Until);
        if (others.Length < FocusLimits.WaitingRequests) State = State with { Expected = others.Add(new ExpectedAsker(request.From, effects.Now + options.InitialTimeout)) };
    }

    private void Answer(WaitingRequest request, bool ready) => effects.Send(ConferenceRequest.Answer(request, document.Core.Room, ready, options), askerQueue: request.Queue);
}
