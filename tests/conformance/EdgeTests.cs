using System.Globalization;
using JitsiMesh.Kit.Processes;
using Xunit.Abstractions;

namespace JitsiMesh.Conformance.Tests;

/// <summary>What the edge serves besides a call of its own pages, in real browsers against the built all-in-one: a path of a host, calls in pages of others, shared documents.</summary>
public sealed class EdgeTests(BrowserFixture browsers, ITestOutputHelper output) : IClassFixture<BrowserFixture>
{
    private static string Web => Tree.Path("services", "web");

    [NeedsFact("/usr/bin/chromium", "node")]
    public async Task A_page_of_another_origin_has_the_call_by_external_api_below_a_path()
    {
        var https = FreePorts.Next();
        var url = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{https}/meet");
        var isFirst = true;
        await using var mesh = await AllInOneProcess.StartAsync(
            new Dictionary<string, string> { ["PUBLIC_URL"] = url + "/" },
            () =>
            {
                var port = isFirst ? https : FreePorts.Next();
                isFirst = false;
                return port;
            });
        await ScenarioAsync(mesh, "embed.mjs", url, Tree.Path("artifacts", "screens", "embed"));
    }

    // Etherpad's own packages take minutes to install.
    [NeedsFact(isLong: true, "/usr/bin/chromium", "node", "npm")]
    public async Task Two_in_a_call_write_in_one_document()
    {
        await using var etherpad = await RunningEtherpad.StartAsync();
        output.WriteLine(etherpad.IsStandIn ? "with a stand-in: Etherpad could not be installed" : "with Etherpad");
        await using var mesh = await AllInOneProcess.StartAsync(new Dictionary<string, string> { ["ETHERPAD_URL_BASE"] = etherpad.Address });
        await ScenarioAsync(mesh, "document.mjs", mesh.Url, Tree.Path("artifacts", "screens", "document"), etherpad.IsStandIn ? "stand-in" : "etherpad");
    }

    private async Task ScenarioAsync(AllInOneProcess mesh, string script, params string[] arguments)
    {
        Assert.Null(browsers.Missing);
        var (code, text) = await Programs.RunAsync("node", [Path.Combine(Web, "e2e", script), .. arguments], Web, TimeSpan.FromMinutes(10), Programs.BrowserLimits);
        output.WriteLine(text);
        if (code != 0) output.WriteLine("The mesh said:\n" + mesh.Log);
        Assert.True(code == 0, text);
    }
}
