using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// What a session in debt may still do, which has made rooms put out more than its budget: leave, answer without content, and use the commands of a moderator that take
/// something away. Its presence is relayed when the debt is paid back; everything else gets resource-constraint.
/// </summary>
public sealed partial class RoomPartition
{
    private readonly Remembered<SenderBudget> _senders = new(SignallingLimits.RememberedSenders, SignallingLimits.SenderMemory, static () => new SenderBudget());
    private readonly Dictionary<(string Room, string FullJid), (RoomInput Input, MonotonicTime Due)> _postponed = [];

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
                if (Find(input.Room)?.ByRealJid(input.From.FullJid) is null || StanzaSize.Of(stanza) > SignallingLimits.PresenceOctets) break;
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
        if (stanza.Name == "message") return stanza.Child("end_conference") is not null;
        if (stanza.Child("mute") is not null) return to.Resource == "focus";
        if (stanza.Child("query", Namespaces.MucOwner)?.Child("destroy", Namespaces.MucOwner) is not null) return true;
        return stanza.Child("query", Namespaces.MucAdmin) is { } query && stanza["type"] == "set" && query.Children("item", Namespaces.MucAdmin).All(item => item["role"] == "none");
    }
}
