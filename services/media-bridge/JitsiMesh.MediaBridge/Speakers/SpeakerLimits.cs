namespace JitsiMesh.MediaBridge.Speakers;

/// <summary>The bounds and constants of the speaker choice: those of Jitsi's dominant speaker identification.</summary>
public static class SpeakerLimits
{
    /// <summary>Earlier speakers that are remembered beside the dominant one; the oldest drops out.</summary>
    public const int MaxRecentSpeakers = 10;

    /// <summary>Between two decisions.</summary>
    public static readonly TimeSpan DecisionInterval = TimeSpan.FromMilliseconds(300);

    /// <summary>Without a level for so long a zero is put in; two packets of 20 ms.</summary>
    public static readonly TimeSpan IdleInterval = TimeSpan.FromMilliseconds(40);

    /// <summary>Without any level for so long nothing is decided any more.</summary>
    public static readonly TimeSpan SleepAfter = TimeSpan.FromSeconds(15);
}
