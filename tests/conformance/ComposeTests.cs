using JitsiMesh.Kit.Processes;
using Xunit.Abstractions;

namespace JitsiMesh.Conformance.Tests;

/// <summary>The same calls through docker compose: every service a container over RabbitMQ and Redis.</summary>
[Collection(ContainersGroup.Name)]
public sealed class ComposeTests(ComposeMesh mesh, BrowserFixture browsers, ITestOutputHelper output) : IClassFixture<BrowserFixture>
{
    [NeedsComposeFact]
    public async Task The_doctor_gets_a_call_of_three_through() =>
        await DemandAsync("dotnet", [Tree.Built("JitsiMesh.Doctor"), "--url", mesh.Url, "--timeout", "30"], Tree.Root, mesh.Variables);

    [NeedsComposeFact("/usr/bin/chromium", "node")]
    public async Task Three_people_talk_through_the_web_client()
    {
        Assert.Null(browsers.Missing);
        var web = Tree.Path("services", "web");
        await DemandAsync("node", [Path.Combine(web, "e2e", "call.mjs"), mesh.Url, Tree.Path("artifacts", "screens", "compose")], web, Programs.BrowserLimits);
    }

    /// <summary>The broker and the store, and each service of which there is one alone. Signalling takes its sessions up again too.</summary>
    [NeedsComposeFact("/usr/bin/chromium", "node")]
    public async Task Each_container_in_turn_starts_again_under_a_call_of_three_and_nobody_is_dropped()
    {
        Assert.Null(browsers.Missing);
        var web = Tree.Path("services", "web");
        string[] names = ["redis", "rabbitmq", "auth", "focus", "media-bridge", "edge-proxy", "signalling"];
        await DemandAsync("node", [Path.Combine(web, "e2e", "restarts.mjs"), mesh.Url, .. names, "--", .. mesh.Command, "restart"], web, mesh.Variables);
    }

    private async Task DemandAsync(string program, string[] arguments, string folder, IReadOnlyDictionary<string, string> environment)
    {
        var (code, text) = await Programs.RunAsync(program, arguments, folder, TimeSpan.FromMinutes(10), environment);
        output.WriteLine(text);
        if (code != 0) output.WriteLine("The containers said:\n" + await mesh.LogAsync());
        Assert.True(code == 0, text);
    }
}
