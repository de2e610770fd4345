using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// Which bridge the conference is on, which it avoids for a while, and that it has none. Owns <see cref="BridgeAssignmentState"/>.
/// </summary>
internal sealed class BridgeAssignment(ConferenceDocument document, ConferenceEffects effects, BridgeCalls calls, FocusPresence presence, IRandomSource random, FocusOptions options) : IDeadlines
{
    public MonotonicTime NextDeadline => MonotonicTime.Min(State.RetryDeadline, State.NoBridgeDeadline);

    /// <summary>Bridges failed one after another, or there is none: nobody is invited for a moment.</summary>
    public bool IsWaiting => State.RetryDeadline != MonotonicTime.Never;

    /// <summary>The wait after failures is over.</summary>
    public bool IsRetryDue => effects.Now >= State.RetryDeadline;

    public bool IsEmpty => State.Sessions.IsEmpty;

    private BridgeAssignmentState State
    {
        get => document.Core.Assignment;
        set => document.Core = document.Core with { Assignment = value };
    }

    /// <summary>The session on the conference's bridge, or a new one on a bridge chosen now. Null when there is no bridge for anyone.</summary>
    public BridgeSessionState? TryAssign(Participant participant)
    {
        if (SessionFor(participant) is { } session) return session;
        // A client that is told ends its call at once and for good; a bridge that starts again is back within seconds.
        if (!State.NotAvailable && State.NoBridgeDeadline == MonotonicTime.Never) State = State with { NoBridgeDeadline = effects.Now + FocusLimits.BridgeWait };
        // A bridge that this conference avoids for a while comes back without a word.
        if (!State.Avoided.IsEmpty) State = State with { RetryDeadline = effects.Now + FocusLimits.RetryDelay };
        return null;
    }

    /// <summary>Another bridge could be chosen than this one.</summary>
    public bool HasAnother(BridgeSessionState bridge) =>
        BridgeSelector.Select(effects.Bridges, new SelectionRequest("", null, [.. State.Avoided.Select(avoided => avoided.Instance), bridge.Instance]), options.Bridges, out _) is not null;

    /// <summary>The bridge grants data channels, as far as is known.</summary>
    public bool HasSctp(BridgeSessionState bridge) => !State.WithoutSctp.Contains(bridge.Instance);

    public void NoteWithoutSctp(BridgeSessionState bridge) => State = State with { WithoutSctp = State.WithoutSctp.Add(bridge.Instance) };

    /// <summary>The call that makes the conference on the bridge goes out, is answered, or is undone.</summary>
    /// <returns>The session as it is now.</returns>
    public BridgeSessionState SetCreated(BridgeSessionState bridge, bool created) => Replace(bridge, bridge with { Created = created });

    /// <summary>The bridge's own sources, which every participant is offered.</summary>
    public BridgeSessionState SetFeedbackSources(BridgeSessionState bridge, SourceSet feedback) => Replace(bridge, bridge with { FeedbackSources = feedback });

    public void NoteAllocated() => State = State with { FailuresInARow = 0 };

    /// <summary>Takes a bridge out of the conference. Its participants are the caller's to move.</summary>
    /// <param name="avoided">How long it is not chosen again; zero: at once if need be.</param>
    public void Remove(BridgeSessionState bridge, TimeSpan avoided)
    {
        var failures = State.FailuresInARow + 1;
        State = State with
        {
            Sessions = State.Sessions.RemoveAll(session => session.Id == bridge.Id),
            FailuresInARow = failures,
            RetryDeadline = failures > FocusLimits.EagerRetries ? effects.Now + FocusLimits.RetryDelay : State.RetryDeadline,
            Avoided = avoided > TimeSpan.Zero ? State.Avoided.Add(new AvoidedBridge(bridge.Instance, effects.Now + avoided)) : State.Avoided,
        };
    }

    /// <summary>Ends the conference on each of its bridges.</summary>
    public void ExpireAll()
    {
        foreach (var session in State.Sessions) calls.ExpireConference(session);
    }

    /// <summary>Ends the conference on each of its bridges; the next participant is assigned anew.</summary>
    public void ReleaseAll()
    {
        ExpireAll();
        State = State with { Sessions = [] };
    }

    /// <summary>The set of bridges changed: invites wait no longer where the conference has no bridge.</summary>
    public void StopWaiting() => State = State with { RetryDeadline = MonotonicTime.Never };

    /// <summary>Tells participants that there is no bridge, when that was hoped for long enough.</summary>
    public void OnNoBridgeDue()
    {
        if (effects.Now < State.NoBridgeDeadline) return;
        State = State with { NoBridgeDeadline = MonotonicTime.Never, NotAvailable = true };
        effects.Count(ConferenceEvent.NoBridgeAvailable);
        presence.Publish();
    }

    public void PutOff(MonotonicTime later) => State = State with
    {
        RetryDeadline = effects.Now >= State.RetryDeadline ? later : State.RetryDeadline,
        NoBridgeDeadline = effects.Now >= State.NoBridgeDeadline ? later : State.NoBridgeDeadline,
    };

    private BridgeSessionState? SessionFor(Participant participant)
    {
        var current = State.Sessions.FirstOrDefault();
        State = State with { Avoided = State.Avoided.RemoveAll(avoided => effects.Now >= avoided.Until) };
        var request = new SelectionRequest(participant.Region, current?.BridgeId, [.. State.Avoided.Select(avoided => avoided.Instance)]);
        // A new owner may not have heard of the bridge yet; that is no reason to leave it.
        if (current is not null && effects.Bridges.Find(current.BridgeId) is null && !request.Avoid.Contains(current.Instance)) return current;
        var chosen = BridgeSelector.Select(effects.Bridges, request, options.Bridges, out _);
        if (chosen is null) return null;
        if (current is not null && current.Instance == chosen.Instance) return current;
        if (current is not null) return null;
        var session = new BridgeSessionState
        {
            Id = random.NextUuid(),
            BridgeId = chosen.BridgeId,
            Instance = chosen.Instance,
            ControlAddress = chosen.ControlAddress,
            Region = chosen.Region,
        };
        State = State with { Sessions = State.Sessions.Add(session), NotAvailable = false, NoBridgeDeadline = MonotonicTime.Never };
        return session;
    }

    private BridgeSessionState Replace(BridgeSessionState bridge, BridgeSessionState by)
    {
        State = State with { Sessions = State.Sessions.Replace(bridge, by) };
        return by;
    }
}
