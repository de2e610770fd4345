namespace JitsiMesh.Fuzz.Tests;

/// <summary>One parser or machine that eats strangers' bytes. <see cref="Run"/> throws when it is wrong, and only then.</summary>
internal interface IFuzzTarget
{
    /// <summary>Valid inputs to start from.</summary>
    static abstract IReadOnlyList<byte[]> Samples { get; }

    static abstract void Run(ReadOnlySpan<byte> data);
}
