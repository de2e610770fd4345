namespace JitsiMesh.Hosting.Settings.Effects;

/// <summary>The effect of setting a name in this version, if it differs from its declaration or there is none.</summary>
public enum EffectKind
{
    /// <summary>An effect that an operator expects does not happen: reported in the one warning about such names.</summary>
    NoEffect,

    /// <summary>The same, until a later part implements it.</summary>
    Later,

    /// <summary>A former name that is not used any more, here or in Jitsi: reported in that warning with its replacement.</summary>
    Dropped,

    /// <summary>It concerns security, and ignoring it would admit or allow more than the operator wants: services do not start.</summary>
    Stops,

    /// <summary>It is acted on but for some values; for the others it is as <see cref="Stops"/>.</summary>
    Partly,

    /// <summary>This version does not need it, or always behaves that way: reported at information level.</summary>
    Needless,
}

/// <summary>A name and the notice when it is set.</summary>
/// <param name="Name">The environment variable.</param>
/// <param name="Kind">The effect of setting it.</param>
/// <param name="When">For which values.</param>
/// <param name="Service">The service that reports it at its start, or that does not start.</param>
/// <param name="Text">The missing effect, as the end of the sentence "NAME: …".</param>
public sealed record NamedEffect(string Name, EffectKind Kind, EffectCondition When, string Service, string Text);
