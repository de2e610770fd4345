namespace JitsiMesh.Hosting.Settings.Effects;

/// <summary>What setting a name of the Jitsi tables does in this version.</summary>
public enum EffectKind
{
    /// <summary>A declaration acts on it.</summary>
    Acted,

    /// <summary>Something that an operator expects does not happen: a warning.</summary>
    NoEffect,

    /// <summary>It carries security, and ignoring it would let in or allow more than the operator wants: the start ends.</summary>
    Stops,

    /// <summary>A declaration acts on some values; for the others it is as <see cref="Stops"/>.</summary>
    Partly,

    /// <summary>This version does without it, or does it always: a line at information level.</summary>
    Needless,

    /// <summary>A secret that <c>gen-passwords.sh</c> makes for a later version: nothing is said.</summary>
    Later,
}

/// <summary>One line of <c>jitsi-names.txt</c>.</summary>
/// <param name="Name">The environment variable.</param>
/// <param name="Kind">What setting it does.</param>
/// <param name="When">For which values; of no meaning where a declaration acts on it.</param>
/// <param name="Service">The service that says so when it starts.</param>
/// <param name="Text">What does not happen, as the end of the sentence "NAME: …".</param>
public sealed record NamedEffect(string Name, EffectKind Kind, EffectCondition When, string Service, string Text);
