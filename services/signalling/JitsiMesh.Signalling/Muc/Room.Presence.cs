using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Joining, presence and leaving (XEP-0045 section 7).</summary>
public sealed partial class Room
{
    /// <summary>What a client is told when the room is not there; the client recognises this text and asks focus again.</summary>
    public const string CreationRestricted = "Room creation is restricted";

    private void HandlePresence(RoomInput input, string? nick, MeshInstant now, RoomOutputs outputs)
    {
        var occupant = ByRealJid(input.From.FullJid);
        if (input.Stanza["type"] is null && !input.From.IsService && IsTooLong(input.Stanza, input.From, occupant))
        {
            SendError(input, StanzaError.PolicyViolation.WithText("The presence is too long"), outputs);
            return;
        }

        switch (input.Stanza["type"])
        {
            case null:
                if (nick is null) SendError(input, StanzaError.JidMalformed, outputs);
                else if (occupant is null) Join(input, nick, now, outputs);
                else if (occupant.Nick != nick) SendError(input, StanzaError.NotAllowed, outputs);
                else if (input.Stanza.Child("x", Namespaces.Muc) is not null) Rejoin(occupant, input, now, outputs);
                else Update(occupant, input.From, input.Stanza, now, outputs);
                break;
            case "unavailable":
                if (occupant is not null) Remove(occupant, input, now, outputs);
                else GiveUp(input.From, outputs);
                break;
        }
    }

    // A joiner gets every presence at once: they are bounded one by one and together.
    private bool IsTooLong(XmppElement presence, SessionInfo sender, Occupant? occupant)
    {
        var octets = XmppSerializer.Measure(presence);
        if (octets <= SignallingLimits.OrdinaryPresenceOctets) return false;
        if (octets > SignallingLimits.PresenceOctets) return true;
        // Occupants can still mute and unmute, however full the room has become meanwhile.
        if (occupant is not null && XmppSerializer.Measure(RelayedContent.Presence(presence, VoiceOf(sender))) <= occupant.SaidOctets) return false;
        return _occupants.Sum(other => other == occupant ? 0 : other.PresenceOctets) + octets > SignallingLimits.PresencesOfRoomOctets;
    }

    private void Join(RoomInput input, string nick, MeshInstant now, RoomOutputs outputs)
    {
        // XEP-0045 section 7.2.2: without the muc element it is no join but the update of an occupant that the room has forgotten.
        if (input.Stanza.Child("x", Namespaces.Muc) is not { } muc)
        {
            SendError(input, StanzaError.NotAcceptable, outputs);
            return;
        }

        if (!Configuration.FocusSeen && !IsFocus(input.From, nick))
        {
            Hold(input, outputs);
            return;
        }

        foreach (var module in _modules)
        {
            if (module.Holds(input, now, outputs)) return;
        }

        Arrive(input.From, now, outputs);
        if (Refuse(input, nick, muc, now) is { } error)
        {
            SendJoinError(input, error, outputs);
            return;
        }

        var first = _occupants.Count == 0 && !IsLobby;
        if (!TryAffiliate(input.From, outputs))
        {
            SendError(input, StanzaError.ResourceConstraint, outputs);
            return;
        }

        var occupant = new Occupant(nick, input.From) { Order = _occupants.Count == 0 ? 0 : _occupants[^1].Order + 1, JoinedMilliseconds = now.Utc.ToUnixTimeMilliseconds() };
        occupant.Role = Affiliations.RoleOf(AffiliationOf(occupant));
        _occupants.Add(occupant);
        _byNick.Add(nick, occupant);
        _byRealJid.Add(input.From.FullJid, occupant);
        _clients = null;
        Keep(occupant, input.Stanza, now, outputs);
        if (_occupants.Count == 2 && Configuration.CreatedMilliseconds == 0) Configuration = Configuration with { CreatedMilliseconds = now.Utc.ToUnixTimeMilliseconds() };
        if (IsFocus(input.From, nick)) Configuration = Configuration with { FocusSeen = true };
        MarkConfiguration(outputs);

        SendOccupants(occupant, outputs);
        foreach (var module in _modules) module.BeforeSelfPresence(occupant, now, outputs);
        BroadcastPresence(occupant, outputs, created: first);
        SendHistory(occupant, outputs);
        SendSubject(occupant, outputs);
        foreach (var module in _modules) module.Joined(occupant, now, outputs);
        foreach (var module in _modules) module.Entered(occupant, now, outputs);

        if (IsFocus(input.From, nick)) Release(outputs);
    }

    /// <summary>A join of one who is in already: its client lost track. It gets everything anew; the others see a presence.</summary>
    private void Rejoin(Occupant occupant, RoomInput input, MeshInstant now, RoomOutputs outputs)
    {
        occupant.Session = Renewed(occupant, input.From);
        Keep(occupant, input.Stanza, now, outputs);
        SendOccupants(occupant, outputs);
        foreach (var module in _modules) module.BeforeSelfPresence(occupant, now, outputs);
        BroadcastPresence(occupant, outputs, created: false);
        SendHistory(occupant, outputs);
        SendSubject(occupant, outputs);
        foreach (var module in _modules) module.Joined(occupant, now, outputs);
    }

    private void Update(Occupant occupant, SessionInfo session, XmppElement presence, MeshInstant now, RoomOutputs outputs)
    {
        if (!ReferenceEquals(occupant.Session, session))
        {
            occupant.Session = Renewed(occupant, session);
            _clients = null;
        }

        Keep(occupant, presence, now, outputs);
        BroadcastPresence(occupant, outputs, created: false);
    }

    private StanzaError? Refuse(RoomInput input, string nick, XmppElement muc, MeshInstant now)
    {
        var session = input.From;
        var admin = IsAdmin(session);
        if (IsInternal) return admin ? (_byNick.ContainsKey(nick) ? StanzaError.Conflict : null) : StanzaError.NotAllowed;
        if (Address.Local!.StartsWith("__jicofo-health-check", StringComparison.Ordinal) && !IsFocus(session, nick)) return StanzaError.ServiceUnavailable;
        if (!session.IsService && !NickRule.Allows(nick)) return StanzaError.NotAllowed;
        // Nobody but focus may look like focus: the client takes Jingle from the nick of that name.
        if (nick == "focus" && !IsFocus(session, nick)) return StanzaError.NotAllowed;
        if (!admin && NickRule.IsReserved(nick, IsHidden(session))) return StanzaError.NotAllowed;
        if (!admin && Admits(session) is { } inadmissible) return inadmissible;
        var affiliation = EntitledTo(session) is Affiliations.Owner ? Affiliations.Owner : AffiliationOf(session);
        if (affiliation == Affiliations.Outcast) return StanzaError.Forbidden;
        if (_byNick.ContainsKey(nick)) return StanzaError.Conflict;
        var trusted = admin || IsHidden(session);
        if (!trusted)
        {
            if (TryPassword(session, muc.Child("password", Namespaces.Muc)?.Text, now, out var knowsPassword) is { } exhausted) return exhausted;
            if (Configuration.MembersOnly && !knowsPassword && !PassesLobby(session))
            {
                // A member needs no password: who let it in knew it.
                if (RefuseNonMember(affiliation, input.Stanza) is { } refused) return refused;
            }
            else if (Configuration.Password is not null && !knowsPassword)
            {
                return StanzaError.NotAuthorized;
            }

            if (IsLobby && IsFull(session)) return StanzaError.ServiceUnavailable;
            if (Context.Options.MaximumOccupants is > 0 and var maximum && _occupants.Count(o => !IsAdmin(o.Session) && !IsHidden(o.Session)) >= maximum) return StanzaError.ServiceUnavailable;
        }

        foreach (var module in _modules)
        {
            if (module.Joining(session, nick, input.Stanza) is { } error) return error;
        }

        return null;
    }

    /// <summary>Compares a password with the room's. The error is for a session that has tried too often.</summary>
    private StanzaError? TryPassword(SessionInfo session, string? password, MeshInstant now, out bool right)
    {
        right = false;
        if (Configuration.Password is not { } required || string.IsNullOrEmpty(password)) return null;
        // Checked first: otherwise the answer would still tell a right password from a wrong one.
        if (!Context.Tries.MayTry(Jid, session, now.Now)) return StanzaError.ResourceConstraint.WithText(JoinErrorCodes.TooManyPasswords);
        right = password == required;
        if (!right) Context.Tries.Failed(Jid, session, now.Now);
        return null;
    }

    private bool IsFull(SessionInfo session)
    {
        var (all, same) = (0, 0);
        foreach (var occupant in _occupants)
        {
            if (IsOwner(occupant.Session)) continue;
            all++;
            if (session.Context.AddressTag is { } address && occupant.Session.Context.AddressTag == address) same++;
        }

        return !IsOwner(session) && (all >= SignallingLimits.KnocksOfLobby || same >= SignallingLimits.KnocksOfAddress);
    }

    private void Hold(RoomInput input, RoomOutputs outputs)
    {
        Unhold(input.From);
        var octets = StanzaSize.Of(input.Stanza);
        if (_held.Length >= SignallingLimits.HeldJoins || _heldOctets + octets > SignallingLimits.HeldJoinOctets)
        {
            SendError(input, StanzaError.ServiceUnavailable, outputs);
            return;
        }

        _held = [.. _held, input];
        _heldOctets += octets;
    }

    private void GiveUp(SessionInfo session, RoomOutputs outputs)
    {
        Unhold(session);
        foreach (var module in _modules) module.GivesUp(session, outputs);
    }

    private void Unhold(SessionInfo session)
    {
        if (_held.Length == 0) return;
        _held = [.. _held.Where(held => held.From.FullJid != session.FullJid)];
        _heldOctets = _held.Sum(held => StanzaSize.Of(held.Stanza));
    }

    /// <summary>Takes over the children of a presence. The room's own namespaces are the room's to write.</summary>
    private void Keep(Occupant occupant, XmppElement presence, MeshInstant now, RoomOutputs outputs)
    {
        var kept = RelayedContent.Presence(presence, VoiceOf(occupant.Session));
        occupant.SaidOctets = XmppSerializer.Measure(kept);
        foreach (var module in _modules) module.Presence(occupant, kept, now, outputs);
        occupant.Presence = kept;
        occupant.Frame = null;
        MarkOccupant(occupant, outputs);
    }

    private void SendOccupants(Occupant joiner, RoomOutputs outputs)
    {
        foreach (var other in _occupants)
        {
            if (other == joiner || !MaySee(other, joiner)) continue;
            if (joiner.Session.IsService) SendToService(joiner.Session, PresenceOf(other), other, outputs);
            else SendFrame(joiner, other.Frame ??= OutboundFrame.Stanza(PresenceOf(other)), outputs);
        }
    }

    /// <summary>An occupant's presence to all: to the others, and to itself with code 110 (section 7.2.2).</summary>
    private void BroadcastPresence(Occupant occupant, RoomOutputs outputs, bool created)
    {
        occupant.Frame = Broadcast(PresenceOf(occupant), occupant, occupant, outputs);
        SendSelfPresence(occupant, created, outputs);
    }

    private void SendSelfPresence(Occupant occupant, bool created, RoomOutputs outputs)
    {
        var self = PresenceOf(occupant);
        var x = self.Child("x", Namespaces.MucUser)!;
        x.Add(Status("100"), Status("110"));
        if (created) x.Add(Status("201"));
        foreach (var module in _modules) module.SelfPresence(occupant, self);
        if (occupant.Session.Trace is null || occupant.Session.IsService) Send(occupant, self, occupant, outputs);
        else SendFrame(occupant, OutboundFrame.Stanza(self, Configuration.MeetingId), outputs);
    }

    private XmppElement PresenceOf(Occupant occupant)
    {
        var presence = occupant.Presence.ShallowClone();
        presence["from"] = OccupantJid(occupant);
        // First, for clients take the first element of that name.
        return presence.AddFirst(UserElement(Item(AffiliationOf(occupant), occupant.Role, occupant.Session.FullJid)));
    }

    /// <summary>Takes an occupant out: by its own unavailable presence, or because its session or node is gone.</summary>
    private void Remove(Occupant occupant, RoomInput input, MeshInstant now, RoomOutputs outputs)
    {
        occupant.LeftBecause = input.LeftBecause;
        // Also clients of Jitsi say it by this text alone.
        occupant.SwitchesRoom = input.LeftBecause == LeaveReason.Left && input.Stanza.Child("status", Namespaces.Client)?.Text == "switch_room";
        var left = RelayedContent.Presence(input.Stanza, VoiceOf(occupant.Session));
        left["type"] = "unavailable";
        left["from"] = OccupantJid(occupant);
        TakeOut(occupant, left, Item(AffiliationOf(occupant), "none", occupant.Session.FullJid), [], now, outputs);
    }

    private void TakeOut(Occupant occupant, XmppElement left, XmppElement item, IReadOnlyList<string> codes, MeshInstant now, RoomOutputs outputs)
    {
        var others = left.ShallowClone();
        others.AddFirst(UserElement(item, [.. codes]));
        Broadcast(others, occupant, occupant, outputs);
        left.AddFirst(UserElement(item, [.. codes, "110"]));
        Send(occupant, left, occupant, outputs);

        _occupants.Remove(occupant);
        _byNick.Remove(occupant.Nick);
        _byRealJid.Remove(occupant.Session.FullJid);
        _clients = null;
        MarkOccupantGone(occupant, outputs);
        TellModules(occupant, now, outputs);
        if (_occupants.Count == 0) Emptied(now, outputs);
    }

    /// <summary>Focus has joined: the held joins follow in their order, each as an input of its own.</summary>
    private void Release(RoomOutputs outputs)
    {
        outputs.Released.AddRange(_held);
        _held = [];
        _heldOctets = 0;
    }

    private void TellModules(Occupant left, MeshInstant now, RoomOutputs outputs)
    {
        foreach (var module in _modules)
        {
            try
            {
                module.Left(left, now, outputs);
            }
            catch (Exception exception) when (outputs.Forgives)
            {
                outputs.Failures.Add(new RoomFailure(exception, Jid, left.Session.FullJid, "left"));
            }
        }
    }

    private void End(MeshInstant now, RoomOutputs outputs)
    {
        if (Ended) return;
        Lobby?.Destroy(null, null, now, outputs);
        Ended = true;
        TellOver(now, outputs);
        foreach (var held in _held) SendJoinError(held, StanzaError.NotAllowed.WithText(CreationRestricted), outputs);
        _held = [];
        _heldOctets = 0;
        var change = outputs.Change(StoreKey);
        change.Deleted = true;
        change.Fields.Clear();
    }

    private RelayedVoice VoiceOf(SessionInfo session) => IsAdmin(session) ? RelayedVoice.Service : IsHidden(session) ? RelayedVoice.Hidden : RelayedVoice.Participant;

    private bool IsFocus(SessionInfo session, string nick) => nick == "focus" && (session.IsService || session.BareJid == Context.Domains.FocusBareJid);

    private static XmppElement Status(string code) => new("status", Namespaces.MucUser, ("code", code));

    private static XmppElement Item(string affiliation, string role, string? jid, string? nick = null) =>
        new("item", Namespaces.MucUser, ("affiliation", affiliation), ("role", role), ("jid", jid), ("nick", nick));

    private static XmppElement UserElement(XmppElement item, params ReadOnlySpan<string> codes)
    {
        var x = new XmppElement("x", Namespaces.MucUser).Add(item);
        foreach (var code in codes) x.Add(Status(code));
        return x;
    }
}
