using JitsiMesh.Kit.Processes;
using Xunit.Abstractions;

namespace JitsiMesh.Conformance.Tests;

/// <summary>Whole calls in real browsers against the built all-in-one as a process of its own.</summary>
public sealed class CallTests(BrowserFixture browsers, ITestOutputHelper output) : IClassFixture<BrowserFixture>
{
    private static string Web => Tree.Path("services", "web");

    [NeedsFact("/usr/bin/chromium", "node")]
    public async Task Three_people_talk_through_the_web_client()
    {
        await using var mesh = await AllInOneProcess.StartAsync();
        await ScenarioAsync(mesh, Path.Combine(Web, "e2e", "call.mjs"), [mesh.Url, Tree.Path("artifacts", "screens")], Web);
    }

    [NeedsFact("/usr/bin/chromium", "node", "/usr/bin/redis-server", "/usr/sbin/rabbitmq-server")]
    public async Task Three_people_talk_through_a_cluster_of_two_bridges_two_focus_and_two_signalling_nodes()
    {
        await using var mesh = await ClusterProcess.StartAsync("media-bridge=2,focus=2,signalling=2");
        await ScenarioAsync(() => string.Join('\n', mesh.Log().Select(one => $"{one.Service}: {one.Line}")), Path.Combine(Web, "e2e", "call.mjs"),
            [mesh.Url, Tree.Path("artifacts", "screens", "cluster")], Web);
    }

    [NeedsFact("/usr/bin/chromium", "node")]
    public async Task The_channel_and_the_signalling_survive_what_is_cut()
    {
        await using var mesh = await AllInOneProcess.StartAsync();
        await ScenarioAsync(mesh, Path.Combine(Web, "e2e", "cuts.mjs"), [mesh.Url], Web);
    }

    /// <summary>A third person in a room of two, a front without signalling, a refused microphone: each has its code of docs/errors.md.</summary>
    [NeedsFact("/usr/bin/chromium", "node")]
    public async Task What_goes_wrong_is_told_on_the_page_with_its_code()
    {
        await using var mesh = await AllInOneProcess.StartAsync(new Dictionary<string, string> { ["MAX_PARTICIPANTS"] = "2" });
        await ScenarioAsync(mesh, Path.Combine(Web, "e2e", "errors.mjs"), [mesh.Url, Tree.Path("artifacts", "screens", "errors")], Web);
    }

    /// <summary>Every screen of the web client with made-up state: axe finds nothing, and nothing breaks the content security policy.</summary>
    [NeedsFact("/usr/bin/chromium", "node")]
    public Task The_screens_of_the_web_client_can_be_used_by_all() =>
        ScenarioAsync(() => "nothing: no mesh is needed", Path.Combine(Web, "e2e", "screens.mjs"), [Tree.Path("artifacts", "screens", "pages")], Web);

    [NeedsFact("/usr/bin/chromium", "/usr/bin/firefox-esr", "node")]
    public async Task Firefox_and_Chromium_see_and_hear_each_other()
    {
        await using var mesh = await AllInOneProcess.StartAsync();

        // Firefox encodes as fast as the processors that it shares with the other tests let it.
        string[] fewer = Environment.GetEnvironmentVariable("MESH_TEST_MODE") == "full" ? [] : ["--min-fps", "2"];
        await ScenarioAsync(mesh, Path.Combine(BrowserFixture.Folder, "firefox.mjs"), ["--url", mesh.Url, .. fewer], BrowserFixture.Folder);
    }

    /// <summary>The library is not ours and not a package: LIB_JITSI_MEET names the folder where lib-jitsi-meet.min.js was built.</summary>
    [NeedsLibraryTheory]
    [InlineData("sctp", "on")]
    [InlineData("websocket", "on")]
    [InlineData("sctp", "off")]
    public async Task An_unmodified_lib_jitsi_meet_takes_part(string channel, string rewriting)
    {
        var library = Environment.GetEnvironmentVariable(NeedsLibraryTheoryAttribute.Variable)!;
        await using var mesh = await AllInOneProcess.StartAsync();
        await ScenarioAsync(mesh, Path.Combine(BrowserFixture.Folder, "lib-jitsi-meet.mjs"),
            ["--url", mesh.Url, "--library", library, "--channel", channel, "--rewriting", rewriting, "--cut", "3"], BrowserFixture.Folder);
    }

    /// <summary>kill -9 of the signalling node of all three: they resume at another one, nobody is seen to leave, media does not stop.</summary>
    [NeedsLibraryTheory]
    [InlineData("3")]
    public async Task People_of_an_unmodified_lib_jitsi_meet_survive_their_signalling_node(string participants)
    {
        var library = Environment.GetEnvironmentVariable(NeedsLibraryTheoryAttribute.Variable)!;
        await using var mesh = await ClusterProcess.StartAsync("media-bridge=2,focus=2,signalling=2");

        // The library itself waits 1.5 to 3 seconds before its first try; three encoding browsers and the new owner share the processors.
        string[] limits = Environment.GetEnvironmentVariable("MESH_TEST_MODE") == "full" ? ["--recovery", "10"] : ["--recovery", "20", "--gap", "2"];
        await ScenarioAsync(() => string.Join('\n', mesh.Log().Select(one => $"{one.Service}: {one.Line}")), Path.Combine(BrowserFixture.Folder, "lib-jitsi-meet-killed.mjs"),
            ["--url", mesh.Url, "--library", library, "--cluster", mesh.Folder, "--participants", participants, .. limits], BrowserFixture.Folder);
    }

    /// <summary>Chat, hands, screens, moderation, lobby, password, direct calls and the rest of what people do in a room, in each codec that browsers send, and with one of them in Firefox.</summary>
    [NeedsLibraryTheory]
    [InlineData("AV1", "sctp", "on", "")]
    [InlineData("VP9", "websocket", "on", "")]
    [InlineData("VP8", "sctp", "off", "")]
    [InlineData("H264", "sctp", "on", "")]
    [InlineData("AV1", "sctp", "on", "cid")]
    public async Task People_of_an_unmodified_lib_jitsi_meet_do_what_people_do_in_a_room(string codec, string channel, string rewriting, string inFirefox)
    {
        var library = Environment.GetEnvironmentVariable(NeedsLibraryTheoryAttribute.Variable)!;
        await using var mesh = await AllInOneProcess.StartAsync();
        await ScenarioAsync(mesh, Path.Combine(BrowserFixture.Folder, "lib-jitsi-meet-room.mjs"),
            ["--url", mesh.Url, "--library", library, "--codec", codec, "--channel", channel, "--rewriting", rewriting, "--firefox", inFirefox], BrowserFixture.Folder);
    }

    /// <summary>Breakout rooms: made, renamed, people moved there, seen and heard there, back in the main room.</summary>
    [NeedsLibraryTheory]
    [InlineData("VP8")]
    public async Task People_of_an_unmodified_lib_jitsi_meet_go_to_breakout_rooms_and_come_back(string codec)
    {
        var library = Environment.GetEnvironmentVariable(NeedsLibraryTheoryAttribute.Variable)!;
        await using var mesh = await AllInOneProcess.StartAsync();
        await ScenarioAsync(mesh, Path.Combine(BrowserFixture.Folder, "lib-jitsi-meet-breakout.mjs"), ["--url", mesh.Url, "--library", library, "--codec", codec], BrowserFixture.Folder);
    }

    /// <summary>What people do in a room with "Disabling WebSocket connections" of Jitsi's handbook: signalling over BOSH and the bridge channel over data channels.</summary>
    [NeedsLibraryTheory]
    [InlineData("AV1")]
    public async Task People_of_an_unmodified_lib_jitsi_meet_do_it_without_any_WebSocket(string codec)
    {
        var library = Environment.GetEnvironmentVariable(NeedsLibraryTheoryAttribute.Variable)!;
        await using var mesh = await AllInOneProcess.StartAsync(new Dictionary<string, string> { ["ENABLE_XMPP_WEBSOCKET"] = "0", ["ENABLE_COLIBRI_WEBSOCKET"] = "0", ["ENABLE_SCTP"] = "1" });
        await ScenarioAsync(mesh, Path.Combine(BrowserFixture.Folder, "lib-jitsi-meet-room.mjs"), ["--url", mesh.Url, "--library", library, "--codec", codec, "--channel", "sctp", "--bosh"], BrowserFixture.Folder);
    }

    private Task ScenarioAsync(AllInOneProcess mesh, string script, IReadOnlyList<string> arguments, string folder) => ScenarioAsync(() => mesh.Log, script, arguments, folder);

    private async Task ScenarioAsync(Func<string> log, string script, IReadOnlyList<string> arguments, string folder)
    {
        Assert.Null(browsers.Missing);
        var (code, text) = await Programs.RunAsync("node", [script, .. arguments], folder, TimeSpan.FromMinutes(10), Programs.BrowserLimits);
        output.WriteLine(text);
        if (code != 0) output.WriteLine("The mesh said:\n" + log());
        Assert.True(code == 0, text);
    }
}
