using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>The conference's bridge, the bridges that it avoids for a while, and the state without a bridge. Owns <see cref="BridgeAssignmentState"/>.</summary>
internal sealed class BridgeAssignment(ConferenceDocument document, ConferenceEffects effects, BridgeCalls calls, FocusPresence presence, IRandomSource random, FocusOptions options) : IDeadlines
{
    public MonotonicTime NextDeadline => MonotonicTime.Min(State.RetryDeadline, State.NoBridgeDeadline);

    /// <summary>Several bridges failed in a row, or there is none: invitations wait for a moment.</summary>
    public bool IsWaiting => State.RetryDeadline != MonotonicTime.Never;

    /// <summary>The wait after failures ended.</summary>
    public bool IsRetryDue => effects.Now >= State.RetryDeadline;

    public bool IsEmpty => State.Sessions.IsEmpty;

    private BridgeAssignmentState State
    {
        get => document.Core.Assignment;
        set => document.Core = document.Core with { Assignment = value };
    }

    /// <summary>The session on the conference's bridge, or a new session on a bridge chosen now. Null when no bridge is available.</summary>
    public BridgeSessionState? TryAssign(Participant participant)
    {
        if (SessionFor(participant) is { } session) return session;
        // A client ends its call for good when it learns that there is no bridge; a restarting bridge is back within seconds.
        if (!State.NotAvailable && State.NoBridgeDeadline == MonotonicTime.Never) State = State with { NoBridgeDeadline = effects.Now + FocusLimits.BridgeWait };
        // No event announces that a bridge is no longer avoided.
        if (!State.Avoided.IsEmpty) State = State with { RetryDeadline = effects.Now + FocusLimits.RetryDelay };
        return null;
    }

    /// <summary>A bridge other than this one is available.</summary>
    public bool HasAnother(BridgeSessionState bridge) =>
        BridgeSelector.Select(effects.Bridges, new SelectionRequest("", null, [.. State.Avoided.Select(avoided => avoided.Instance), bridge.Instance]), options.Bridges, out _) is not null;

    /// <summary>The bridge grants data channels, as far as the focus knows.</summary>
    public bool HasSctp(BridgeSessionState bridge) => !State.WithoutSctp.Contains(bridge.Instance);

    public void NoteWithoutSctp(BridgeSessionState bridge) => State = State with { WithoutSctp = State.WithoutSctp.Add(bridge.Instance) };

    /// <summary>The call that creates the conference on the bridge is sent, answered, or undone.</summary>
    /// <returns>The updated session.</returns>
    public BridgeSessionState SetCreated(BridgeSessionState bridge, bool created) => Replace(bridge, bridge with { Created = created });

    /// <summary>The bridge's own sources, which every offer contains.</summary>
    public BridgeSessionState SetFeedbackSources(BridgeSessionState bridge, SourceSet feedback) => Replace(bridge, bridge with { FeedbackSources = feedback });

    public void NoteAllocated() => State = State with { FailuresInARow = 0 };

    /// <summary>Removes a bridge from the conference. The caller moves its participants.</summary>
    /// <param name="avoided">How long the bridge is avoided; zero: it may be chosen again at once.</param>
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

    /// <summary>Ends the conference on each of its bridges; the next participant gets a new assignment.</summary>
    public void ReleaseAll()
    {
        ExpireAll();
        State = State with { Sessions = [] };
    }

    /// <summary>The set of bridges changed: a conference without a bridge no longer delays invitations.</summary>
    public void StopWaiting() => State = State with { RetryDeadline = MonotonicTime.Never };

    /// <summary>Announces that there is no bridge, after the grace period.</summary>
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
        // A new owner may not have heard of the bridge yet; that is no reason to leave the bridge.
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
