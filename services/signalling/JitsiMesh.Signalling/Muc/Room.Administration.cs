using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Affiliations and kicks (XEP-0045 sections 8 and 9).</summary>
public sealed partial class Room
{
    private void Administer(RoomInput input, Occupant? sender, XmppElement query, MeshInstant now, RoomOutputs outputs)
    {
        XmppElement[] items = [.. query.Children("item", Namespaces.MucAdmin)];
        if (items.Length is 0 or > SignallingLimits.AdminItems)
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

        foreach (var item in items)
        {
            if (Ended) break;
            if (item["affiliation"] is { } affiliation) SetAffiliation(TargetOf(item)!, affiliation, sender, ReasonOf(item), now, outputs);
            else if (ByNick(item["nick"]!) is { } victim) Kick(victim, sender, ReasonOf(item), now, outputs);
        }

        SendResult(input, null, outputs);
    }

    private StanzaError? RefuseItem(RoomInput input, XmppElement item)
    {
        var actor = AffiliationOf(input.From);
        var focus = Context.Domains.FocusBareJid;
        if (item["nick"] == "focus" || TargetOf(item) == focus) return StanzaError.NotAllowed;
        if (item["affiliation"] is { } affiliation)
        {
            if (!Affiliations.IsKnown(affiliation) || TargetOf(item) is null) return StanzaError.BadRequest;
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

    private static string? ReasonOf(XmppElement item) => item.Child("reason", Namespaces.MucAdmin)?.Text;

    private void SetAffiliation(string bareJid, string affiliation, Occupant? actor, string? reason, MeshInstant now, RoomOutputs outputs)
    {
        if (affiliation == Affiliations.None) _affiliations.Remove(bareJid);
        else _affiliations[bareJid] = affiliation;
        MarkAffiliations(outputs);
        foreach (var occupant in _occupants.Where(occupant => occupant.BareJid == bareJid).ToArray())
        {
            if (affiliation == Affiliations.Outcast)
            {
                Expel(occupant, actor, reason, Affiliations.Outcast, "301", now, outputs);
                continue;
            }

            var role = Affiliations.RoleOf(AffiliationOf(occupant));
            var changed = role != occupant.Role;
            occupant.Role = role;
            if (changed && occupant.IsModerator && occupant.Features is null && actor?.Features is { } features) occupant.GrantedFeatures = features;
            MarkOccupant(occupant, outputs);
            BroadcastPresence(occupant, outputs, created: false);
            if (!changed) continue;
            foreach (var module in _modules) module.RoleChanged(occupant, actor, now, outputs);
        }
    }

    private void Kick(Occupant victim, Occupant? actor, string? reason, MeshInstant now, RoomOutputs outputs)
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
