using JitsiMesh.Mesh.Tests.Scenarios;
using JitsiMesh.Mesh.Tests.UnderTest;

namespace JitsiMesh.Mesh.Tests;

public sealed class LogPrivacyTests
{
    [Theory]
    [InlineData("info")]
    [InlineData("debug")]
    public async Task No_line_above_debug_tells_who_was_there_from_where_and_what_was_said(string level)
    {
        await using var mesh = await InProcessMesh.StartAsync(new Dictionary<string, string?> { ["LOG_LEVEL"] = level });
        await LogPrivacyScenarios.NothingPersonalIsLogged(mesh, "private", frameworks: level == "info");
        Assert.Equal(level == "debug", mesh.Log.Any(l => l.Level == Microsoft.Extensions.Logging.LogLevel.Debug));
    }
}
