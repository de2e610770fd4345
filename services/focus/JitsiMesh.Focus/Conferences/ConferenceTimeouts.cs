using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>The timeouts of an empty conference and of a lone participant. Owns <see cref="ConferenceCore.EmptyDeadline"/> and <see cref="ConferenceCore.SingleDeadline"/>.</summary>
internal sealed class ConferenceTimeouts(ConferenceDocument document, ConferenceEffects effects, FocusOptions options) : IDeadlines
{
    public MonotonicTime NextDeadline => MonotonicTime.Min(document.Core.EmptyDeadline, document.Core.SingleDeadline);

    /// <summary>The conference waits for a first participant.</summary>
    public bool WaitsForParticipants => document.Core.EmptyDeadline != MonotonicTime.Never;

    public void WaitForParticipants() => document.Core = document.Core with { EmptyDeadline = effects.Now + options.InitialTimeout };

    public void StopWaitingForParticipants() => document.Core = document.Core with { EmptyDeadline = MonotonicTime.Never };

    public void WaitForSecondParticipant() => document.Core = document.Core with { SingleDeadline = effects.Now + options.SingleParticipantTimeout };

    public void StopWaitingForSecondParticipant() => document.Core = document.Core with { SingleDeadline = MonotonicTime.Never };

    /// <summary>True once, when no participant joined in time.</summary>
    public bool TakeEmpty()
    {
        if (effects.Now < document.Core.EmptyDeadline) return false;
        StopWaitingForParticipants();
        return true;
    }

    /// <summary>True once, when a participant was alone for too long.</summary>
    public bool TakeSingle()
    {
        if (effects.Now < document.Core.SingleDeadline) return false;
        StopWaitingForSecondParticipant();
        return true;
    }

    public void PutOff(MonotonicTime later) => document.Core = document.Core with
    {
        EmptyDeadline = effects.Now >= document.Core.EmptyDeadline ? later : document.Core.EmptyDeadline,
        SingleDeadline = effects.Now >= document.Core.SingleDeadline ? later : document.Core.SingleDeadline,
    };
}
