namespace JitsiMesh.MediaBridge.Speakers;

/// <summary>The bounds and constants of Jitsi's dominant speaker identification.</summary>
public static class SpeakerLimits
{
    /// <summary>Remembered earlier speakers beside the dominant one; the oldest drops out.</summary>
    public const int MaxRecentSpeakers = 10;

    /// <summary>The interval between two decisions.</summary>
    public static readonly TimeSpan DecisionInterval = TimeSpan.FromMilliseconds(300);

    /// <summary>After this long without a level a zero is inserted; two packets of 20 ms.</summary>
    public static readonly TimeSpan IdleInterval = TimeSpan.FromMilliseconds(40);

    /// <summary>After this long without any level decisions stop.</summary>
    public static readonly TimeSpan SleepAfter = TimeSpan.FromSeconds(15);
}
