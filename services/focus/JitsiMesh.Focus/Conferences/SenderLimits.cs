using JitsiMesh.Jingle;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Counts the participants that send audio and video, and limits them. Owns <see cref="SenderLimitState"/>.</summary>
internal sealed class SenderLimits(ConferenceDocument document, FocusPresence presence, FocusOptions options)
{
    private bool AudioReached => document.Participants.Count(participant => !participant.AudioMuted) >= options.MaxAudioSenders;

    private bool VideoReached => document.Participants.Count(participant => !participant.VideoMuted) >= options.MaxVideoSenders;

    /// <summary>Publishes which limits are reached, if that changed.</summary>
    public void Check()
    {
        var now = new SenderLimitState { AudioReached = AudioReached, VideoReached = VideoReached };
        if (now == document.Core.SenderLimits) return;
        document.Core = document.Core with { SenderLimits = now };
        presence.Publish();
    }

    /// <summary>Whether new sources are of a kind whose sender limit is reached.</summary>
    public bool Refuses(SourceSet sources) => (sources.Has(MediaKind.Audio) && AudioReached) || (sources.Has(MediaKind.Video) && VideoReached);
}
