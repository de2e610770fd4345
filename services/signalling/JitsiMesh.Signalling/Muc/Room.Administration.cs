using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Affiliations and kicks (XEP-0045 sections 8 and 9).</summary>
public sealed partial class Room
{
    private void Administer(RoomInput input, Occupant? sender, XmppElement query, MeshInstant now, RoomOutputs outputs)
    {
        XmppElement[] items = [.. query.Children("item", Namespaces.MucAdmin)];
        if (items.Length == 0 || (items.Length > SignallingLimits.AdminItems && !AreForAll(items)))
        {
            SendError(input, StanzaError.BadRequest, outputs);
            return;
        }

        // All or nothing: a request with several items (lobby: everybody becomes member) is checked whole before it is applied.
        foreach (var item in items)
        {
            if (RefuseItem(input, item) is not { } error) continue;
            SendError(input, error, outputs);
            return;
        }

        var before = new Dictionary<string, string>(_affiliations, StringComparer.Ordinal);
        var changed = new List<(string BareJid, string Affiliation, string? Reason)>();
        foreach (var item in items)
        {
            if (item["affiliation"] is not { } affiliation || TargetOf(item) is not { } target) continue;
            if (!TrySetAffiliation(target, affiliation))
            {
                _affiliations.Clear();
                foreach (var (jid, was) in before) _affiliations.Add(jid, was);
                SendError(input, StanzaError.ResourceConstraint, outputs);
                return;
            }

            if (before.GetValueOrDefault(target, Affiliations.None) != affiliation) changed.Add((target, affiliation, ReasonOf(item)));
        }

        if (changed.Count > 0) MarkAffiliations(outputs);
        TellAffiliations(changed, sender, now, outputs);
        foreach (var item in items)
        {
            if (!Ended && item["affiliation"] is null && ByNick(item["nick"]!) is { } victim) Kick(victim, sender, ReasonOf(item), now, outputs);
        }

        SendResult(input, null, outputs);
    }

    /// <summary>The two requests with many items: every occupant becomes a member (a lobby begins so), and every occupant of a lobby is refused.</summary>
    private bool AreForAll(XmppElement[] items)
    {
        if (items.Length > _occupants.Count + SignallingLimits.AdminItems) return false;
        if (Array.TrueForAll(items, item => item["affiliation"] is null)) return IsLobby;
        var present = _occupants.Select(occupant => occupant.BareJid).ToHashSet(StringComparer.Ordinal);
        // An occupant that has left in the meantime may still be named.
        return Array.TrueForAll(items, item => item["affiliation"] == Affiliations.Member && TargetOf(item) is not null)
            && items.Count(item => !present.Contains(TargetOf(item)!)) <= SignallingLimits.AdminItems;
    }

    private StanzaError? RefuseItem(RoomInput input, XmppElement item)
    {
        var actor = AffiliationOf(input.From);
        var focus = Context.Domains.FocusBareJid;
        if (item["nick"] == "focus" || TargetOf(item) == focus) return StanzaError.NotAllowed;
        if (item["affiliation"] is { } affiliation)
        {
            if (!Affiliations.IsKnown(affiliation) || TargetOf(item) is not { Length: <= SignallingLimits.AffiliationJidLength }) return StanzaError.BadRequest;
            return actor == Affiliations.Owner || (actor == Affiliations.Admin && affiliation is Affiliations.Member or Affiliations.None) ? null : StanzaError.Forbidden;
        }

        if (item["nick"] is not { } nick || item["role"] is not { } role) return StanzaError.BadRequest;
        if (role != "none") return StanzaError.NotAllowed;
        if (actor is not (Affiliations.Owner or Affiliations.Admin)) return StanzaError.Forbidden;
        if (ByNick(nick) is not { } victim) return StanzaError.ItemNotFound;
        return victim.Session.IsService && !input.From.IsService ? StanzaError.NotAllowed : null;
    }

    /// <summary>The bare JID an item is about: given, or that of the occupant with the nick.</summary>
    private string? TargetOf(XmppElement item)
    {
        if (Xmpp.Jid.TryParse(item["jid"], out var jid)) return jid.Bare.ToString();
        return item["nick"] is { } nick ? ByNick(nick)?.BareJid : null;
    }

    private static string? ReasonOf(XmppElement item) => item.Child("reason", Namespaces.MucAdmin) is { } reason ? PlainText.Shorten(reason.Text, SignallingLimits.ReasonLength) : null;

    /// <summary>Sets or removes an affiliation. False when there are too many: then nothing has changed.</summary>
    private bool TrySetAffiliation(string bareJid, string affiliation)
    {
        if (affiliation == Affiliations.None)
        {
            _affiliations.Remove(bareJid);
            return true;
        }

        if (_affiliations.Count >= SignallingLimits.AffiliationsOfRoom && !_affiliations.ContainsKey(bareJid))
        {
            // A member that has left can knock again; an owner that has left is made one again by its login, or by another owner.
            var present = _occupants.Select(occupant => occupant.BareJid).ToHashSet(StringComparer.Ordinal);
            string? Away(string which) => _affiliations.FirstOrDefault(pair => pair.Value == which && !present.Contains(pair.Key)).Key;
            if ((Away(Affiliations.Member) ?? Away(Affiliations.Owner)) is not { } away) return false;
            _affiliations.Remove(away);
        }

        _affiliations[bareJid] = affiliation;
        return true;
    }

    /// <summary>Lets the occupants have what was changed of their affiliations, and tells of it.</summary>
    private void TellAffiliations(List<(string BareJid, string Affiliation, string? Reason)> changed, Occupant? actor, MeshInstant now, RoomOutputs outputs)
    {
        var many = changed.Count > SignallingLimits.MembershipPresences;
        var byJid = _occupants.ToLookup(occupant => occupant.BareJid, StringComparer.Ordinal);
        foreach (var (bareJid, affiliation, reason) in changed)
        {
            foreach (var occupant in byJid[bareJid])
            {
                if (Ended) return;
                if (affiliation == Affiliations.Outcast) Expel(occupant, actor, reason, Affiliations.Outcast, "301", now, outputs);
                else ChangeRole(occupant, actor, many, now, outputs);
            }
        }
    }

    private void ChangeRole(Occupant occupant, Occupant? actor, bool many, MeshInstant now, RoomOutputs outputs)
    {
        var role = Affiliations.RoleOf(AffiliationOf(occupant));
        var changed = role != occupant.Role;
        occupant.Role = role;
        occupant.Frame = null;
        if (changed && occupant.IsModerator && occupant.Features is null && actor?.Features is { } features) occupant.GrantedFeatures = features;
        MarkOccupant(occupant, outputs);
        // The others need not know of a membership that changes no role: for a whole room it would be the presence of each occupant to each occupant.
        if (many && !changed) SendSelfPresence(occupant, created: false, outputs);
        else BroadcastPresence(occupant, outputs, created: false);
        if (!changed) return;
        foreach (var module in _modules) module.RoleChanged(occupant, actor, now, outputs);
    }

    /// <param name="victim">Who is put out.</param>
    /// <param name="actor">Who does it, or null for an operator.</param>
    /// <param name="reason">For people, or null.</param>
    /// <param name="now">The time.</param>
    /// <param name="outputs">Where it goes.</param>
    public void Kick(Occupant victim, Occupant? actor, string? reason, MeshInstant now, RoomOutputs outputs)
    {
        // One who comes back after a kick comes back as nobody (mod_muc_meeting_id).
        if (_affiliations.Remove(victim.BareJid)) MarkAffiliations(outputs);
        if (IsLobby) TellDenied(victim, actor, outputs);
        Expel(victim, actor, reason, Affiliations.None, "307", now, outputs);
    }

    private void Expel(Occupant victim, Occupant? actor, string? reason, string affiliation, string code, MeshInstant now, RoomOutputs outputs)
    {
        var item = Item(affiliation, "none", victim.Session.FullJid);
        // The client finds the kicker by this nick.
        if (actor is not null) item.Add(new XmppElement("actor", Namespaces.MucUser, ("nick", actor.Nick)));
        if (reason is not null) item.Add(new XmppElement("reason", Namespaces.MucUser).AddText(reason));
        victim.LeftBecause = LeaveReason.Kicked;
        TakeOut(victim, Stanzas.Presence("unavailable", null, OccupantJid(victim)), item, [code], now, outputs);
    }

    private void ListAffiliations(RoomInput input, XmppElement query, RoomOutputs outputs)
    {
        if (AffiliationOf(input.From) is not (Affiliations.Owner or Affiliations.Admin))
        {
            SendError(input, StanzaError.Forbidden, outputs);
            return;
        }

        var wanted = query.Child("item", Namespaces.MucAdmin);
        var result = new XmppElement("query", Namespaces.MucAdmin);
        if (wanted?["role"] is { } role)
        {
            foreach (var occupant in _occupants.Where(occupant => occupant.Role == role))
            {
                result.Add(new XmppElement("item", Namespaces.MucAdmin, ("affiliation", AffiliationOf(occupant)), ("role", role), ("nick", occupant.Nick), ("jid", occupant.Session.FullJid)));
            }
        }
        else if (wanted?["affiliation"] is { } affiliation)
        {
            foreach (var (jid, _) in _affiliations.Where(pair => pair.Value == affiliation).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                result.Add(new XmppElement("item", Namespaces.MucAdmin, ("affiliation", affiliation), ("jid", jid)));
            }
        }
        else
        {
            SendError(input, StanzaError.BadRequest, outputs);
            return;
        }

        SendResult(input, result, outputs);
    }
}
