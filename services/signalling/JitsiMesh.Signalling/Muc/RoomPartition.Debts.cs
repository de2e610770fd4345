using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// What a session in debt may still do, which has made rooms put out more than its budget: leave, answer without content, and use the commands of a moderator that take
/// something away. Its presence is relayed when the debt is paid back; everything else gets resource-constraint.
/// </summary>
public sealed partial class RoomPartition
{
    private readonly Remembered<SenderBudget> _senders = new(SignallingLimits.RememberedSenders, SignallingLimits.SenderMemory, SenderBudget.OfSession);
    private readonly Remembered<SenderBudget> _addresses = new(SignallingLimits.RememberedSenders, SignallingLimits.SenderMemory, SenderBudget.OfAddress);
    private readonly Dictionary<(string Room, string FullJid), (RoomInput Input, MonotonicTime Due)> _postponed = [];

    /// <summary>The budget that all sessions of the sender's address have in the room; null where many people may be behind the address.</summary>
    private SenderBudget? BudgetOfAddress(RoomInput input, MonotonicTime now) => input.From.Context.AddressTag is { } tag ? _addresses.Of($"{tag} {input.Room}", now) : null;

    /// <summary>Services, and accounts with a password: recorders, transcribers and gateways speak for many.</summary>
    private bool IsUnbounded(SessionInfo session) => session.IsService || session.Jid.Domain == Context.Domains.AuthDomain || session.Jid.Domain == Context.Domains.HiddenDomain;

    private MonotonicTime PostponedDeadline
    {
        get
        {
            var deadline = MonotonicTime.Never;
            foreach (var (_, due) in _postponed.Values) deadline = MonotonicTime.Min(deadline, due);
            return deadline;
        }
    }

    /// <summary>The input, or what of it takes effect now; null when it is answered or waits.</summary>
    private RoomInput? InDebt(RoomInput input, MonotonicTime paid, RoomOutputs outputs)
    {
        var stanza = input.Stanza;
        switch (stanza.Name, stanza["type"])
        {
            case ("presence", null):
                if (Find(input.Room)?.ByRealJid(input.From.FullJid) is null || XmppSerializer.Measure(stanza) > SignallingLimits.PresenceOctets) break;
                // Only the last one counts: it says all that the ones before said.
                _postponed[(input.Room, input.From.FullJid)] = (input, paid);
                return null;
            case ("presence", _):
                _postponed.Remove((input.Room, input.From.FullJid));
                return input;
            case ("message", "error"):
                return input;
            case ("iq", "result" or "error"):
                return stanza.Nodes.Count == 0 ? input : input with { Stanza = WithoutWords(stanza) };
        }

        if (KeepsOrder(stanza) && StanzaSize.Of(stanza) <= SignallingLimits.ModerationOctets) return input;
        Reply(input, StanzaError.ResourceConstraint.WithText("Too much for the others at once"), outputs);
        return null;
    }

    private void HandlePostponed(MeshInstant now, RoomOutputs outputs)
    {
        if (_postponed.Count == 0) return;
        foreach (var (key, (input, due)) in _postponed.ToArray())
        {
            if (due > now.Now) continue;
            _postponed.Remove(key);
            if (Find(key.Room)?.ByRealJid(key.FullJid) is not null) Handle(input, now, outputs);
        }
    }

    /// <summary>An answer that takes the asker's waiting away, and no more.</summary>
    private static XmppElement WithoutWords(XmppElement answer)
    {
        var error = Stanzas.Error(answer, StanzaError.ResourceConstraint);
        (error["to"], error["from"]) = (answer["to"], answer["from"]);
        return error;
    }

    /// <summary>A conference request, which has its own rate, and what takes something away from somebody: kick, mute, end.</summary>
    private bool KeepsOrder(XmppElement stanza)
    {
        if (!Jid.TryParse(stanza["to"], out var to)) return false;
        if (Context.Domains.KindOf(to.Domain) == DomainKind.Focus) return true;
        // Letting people in from the lobby tells everybody of each: a moderator who lets in a class may owe for it.
        if (stanza.Name == "message") return stanza.Child("end_conference") is not null || stanza.Child("x", Namespaces.MucUser)?.Child("invite", Namespaces.MucUser) is not null;
        if (stanza.Child("mute") is not null) return to.Resource == "focus";
        if (stanza.Child("query", Namespaces.MucOwner)?.Child("destroy", Namespaces.MucOwner) is not null) return true;
        return stanza.Child("query", Namespaces.MucAdmin) is { } query && stanza["type"] == "set" && query.Children("item", Namespaces.MucAdmin).All(item => item["role"] == "none");
    }
}
