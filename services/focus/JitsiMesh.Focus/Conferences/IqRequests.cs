using System.Collections.Immutable;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>IQs of the focus whose answer or timeout is an input. Owns <see cref="ConferenceCore.PendingIqs"/>.</summary>
internal sealed class IqRequests(ConferenceDocument document, ConferenceEffects effects, FocusOptions options) : IDeadlines
{
    public MonotonicTime NextDeadline
    {
        get
        {
            var next = MonotonicTime.Never;
            foreach (var pending in Pending) next = MonotonicTime.Min(next, pending.Deadline);
            return next;
        }
    }

    private ImmutableArray<PendingIq> Pending
    {
        get => document.Core.PendingIqs;
        set => document.Core = document.Core with { PendingIqs = value };
    }

    /// <param name="nick">The occupant that the IQ goes to; empty for the room.</param>
    public void Ask(string to, XmppElement payload, string type, IqPurpose purpose, string nick = "")
    {
        var id = effects.SendIq(to, payload, type);
        Pending = Pending.Add(new PendingIq(id, purpose, nick, effects.Now + options.ReplyTimeout));
    }

    /// <summary>Removes and returns the request that an IQ of type <c>result</c> or <c>error</c> answers. Null for an unknown id or another sender.</summary>
    public PendingIq? TakeAnswered(XmppElement iq)
    {
        var pending = Pending.FirstOrDefault(one => one.Id == iq["id"]);
        // Only the first answer counts. A client acknowledges a session-initiate before it processes it.
        if (pending is null) return null;
        var expectedFrom = pending.Nick.Length == 0 ? document.Core.Room : effects.OccupantJid(pending.Nick);
        if (iq["from"] != expectedFrom) return null;
        Remove(pending);
        return pending;
    }

    /// <summary>Requests that timed out.</summary>
    public List<PendingIq> Due() => [.. Pending.Where(pending => effects.Now >= pending.Deadline)];

    public void Remove(PendingIq pending) => Pending = Pending.Remove(pending);

    /// <summary>An occupant left: it will not answer any more.</summary>
    public void ForgetAll(string nick) => Pending = Pending.RemoveAll(pending => pending.Nick == nick);

    /// <summary>A session ended: the answer to its session-initiate no longer matters.</summary>
    public void ForgetInitiate(string nick) => Pending = Pending.RemoveAll(pending => pending.Purpose == IqPurpose.SessionInitiate && pending.Nick == nick);

    public void PutOff(MonotonicTime later) => Pending = [.. Pending.Select(pending => effects.Now >= pending.Deadline ? pending with { Deadline = later } : pending)];
}
