namespace JitsiMesh.Hosting.Settings.Files;

/// <summary>Bounds of a <c>.env</c> file: each line may repeat the ones above it, so that a short file could ask for any amount of memory.</summary>
public static class EnvFileLimits
{
    /// <summary>Characters of one value when its variables are put in; more is a bad line. A certificate's chain has some 8,000.</summary>
    public const int ValueLength = 64 * 1024;

    /// <summary>Defaults inside defaults (<c>${A:-${B:-c}}</c>); deeper is a bad line.</summary>
    public const int Nesting = 16;
}
