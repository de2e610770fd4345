using System.Globalization;
using JitsiMesh.Kit.Processes;
using Xunit.Abstractions;

namespace JitsiMesh.Conformance.Tests;

/// <summary>Calls of real browsers whose network has no way for UDP: through the TURN relay of the edge, and over TCP to the bridge.</summary>
[Collection(NetworksGroup.Name)]
public sealed class RelayTests(BrowserFixture browsers, ITestOutputHelper output) : IClassFixture<BrowserFixture>
{
    private static string Web => Tree.Path("services", "web");

    private static string Script => Path.Combine(Web, "e2e", "relay.mjs");

    /// <summary>Goal: within ten seconds; browsers that share two cores with the rest of the suite get more.</summary>
    private static Dictionary<string, string> Limits => Environment.GetEnvironmentVariable("MESH_TEST_MODE") == "full"
        ? []
        : new() { ["E2E_TURN_SECONDS"] = "25" };

    [NeedsFact("/usr/bin/chromium", "node")]
    public async Task Two_people_whose_browsers_use_nothing_but_relays_talk()
    {
        Assert.Null(browsers.Missing);
        await using var mesh = await AllInOneProcess.StartAsync();
        var (code, text) = await Programs.RunAsync("node", [Script, mesh.Url, "Relayed", "Ann:relay", "Bob:relay"], Web, TimeSpan.FromMinutes(5), Limits);
        output.WriteLine(text);
        if (code != 0) output.WriteLine("The mesh said:\n" + mesh.Log);
        Assert.True(code == 0, text);
        Assert.Contains("/tls to ", text, StringComparison.Ordinal);
    }

    [NeedsNamespaceFact("/usr/bin/chromium", "node")]
    public async Task Somebody_whose_network_lets_only_the_HTTPS_port_through_talks_with_somebody_on_UDP()
    {
        var https = FreePorts.Next();
        await using var network = await NarrowNetwork.CreateAsync(https);
        await NarrowCallAsync(network, https, [], "Ann:blocked");
    }

    [NeedsNamespaceFact("/usr/bin/chromium", "node")]
    public async Task Somebody_whose_network_lets_only_the_bridges_TCP_port_through_talks_with_somebody_on_UDP()
    {
        var (https, media) = (FreePorts.Next(), FreePorts.Next());
        await using var network = await NarrowNetwork.CreateAsync(https, media);
        await NarrowCallAsync(
            network,
            https,
            new() { ["JVB_TCP_HARVESTER_DISABLED"] = "0", ["JVB_TCP_PORT"] = media.ToString(CultureInfo.InvariantCulture), ["MESH_TURN"] = "0" },
            "Ann:tcp");
    }

    // Somebody inside of the network and somebody outside see and hear each other, and the firewall was in the way of UDP.
    private async Task NarrowCallAsync(NarrowNetwork network, int https, Dictionary<string, string> settings, string inside)
    {
        Assert.Null(browsers.Missing);
        var url = string.Create(CultureInfo.InvariantCulture, $"https://{network.Server}:{https}");
        var isFirst = true;
        await using var mesh = await AllInOneProcess.StartAsync(new Dictionary<string, string>(settings) { ["PUBLIC_URL"] = url, ["JVB_ADVERTISE_IPS"] = network.Server.ToString() }, () =>
        {
            var port = isFirst ? https : FreePorts.Next();
            isFirst = false;
            return port;
        });
        Assert.Equal(https, mesh.HttpsPort);
        var (program, arguments) = network.Inside("node", Script, url, "Narrow", inside, "2");
        var ann = Programs.RunAsync(program, arguments, Web, TimeSpan.FromMinutes(5), Limits);
        var bob = Programs.RunAsync("node", [Script, url, "Narrow", "Bob:open", "2"], Web, TimeSpan.FromMinutes(5), Limits);
        foreach (var (code, text) in await Task.WhenAll(ann, bob))
        {
            output.WriteLine(text);
            if (code != 0) output.WriteLine("The mesh said:\n" + mesh.Log);
            Assert.True(code == 0, text);
        }

        Assert.True(await network.DroppedAsync() > 0, "the firewall has dropped nothing: UDP was not tried");
    }
}
