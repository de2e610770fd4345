namespace JitsiMesh.Hosting.Settings.Effects;

/// <summary>What setting a name does in this version where that is not what its declaration says, or where it has none.</summary>
public enum EffectKind
{
    /// <summary>Something that an operator expects does not happen: told in the one warning about such names.</summary>
    NoEffect,

    /// <summary>The same, until a later part takes it up.</summary>
    Later,

    /// <summary>A name of former years that nothing has any more, here or with Jitsi: told in that warning with what took its place.</summary>
    Dropped,

    /// <summary>It carries security, and ignoring it would let in or allow more than the operator wants: the start ends.</summary>
    Stops,

    /// <summary>It is acted on but for some values; for the others it is as <see cref="Stops"/>.</summary>
    Partly,

    /// <summary>This version does without it, or does it always: told at information level.</summary>
    Needless,
}

/// <summary>A name and what is said when it is set.</summary>
/// <param name="Name">The environment variable.</param>
/// <param name="Kind">What setting it does.</param>
/// <param name="When">For which values.</param>
/// <param name="Service">The service that says so when it starts, or that does not start.</param>
/// <param name="Text">What does not happen, as the end of the sentence "NAME: …".</param>
public sealed record NamedEffect(string Name, EffectKind Kind, EffectCondition When, string Service, string Text);
