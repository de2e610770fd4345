using Microsoft.Extensions.Logging;

namespace JitsiMesh.Mesh.Tests.UnderTest;

public sealed record LogLine(LogLevel Level, string Category, string Text, Exception? Exception)
{
    public override string ToString() => $"{Level} {Category}: {Text} {Exception}";
}
