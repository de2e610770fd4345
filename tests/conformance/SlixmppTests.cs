using System.Globalization;
using JitsiMesh.Kit.Processes;
using Xunit.Abstractions;

namespace JitsiMesh.Conformance.Tests;

/// <summary>XMPP over TCP with STARTTLS, as a client of other authorship speaks it, against the built all-in-one as a process of its own.</summary>
public sealed class SlixmppTests(ITestOutputHelper output)
{
    private const string Password = "open sesame 17";
    private const string JibriPassword = "jibri of the trial";
    private const string RecorderPassword = "recorder of the trial";

    private readonly int _port = FreePorts.Next();

    private Dictionary<string, string> Settings => new()
    {
        ["MESH_XMPP_TCP"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}"),
        ["ENABLE_AUTH"] = "1",
        ["ENABLE_GUESTS"] = "1",
        ["AUTH_TYPE"] = "internal",
        ["JIBRI_XMPP_PASSWORD"] = JibriPassword,
        ["JIBRI_RECORDER_PASSWORD"] = RecorderPassword,
    };

    [NeedsSlixmppFact]
    public async Task Accounts_log_in_with_each_mechanism_and_a_wrong_password_learns_nothing()
    {
        await using var mesh = await StartAsync();
        foreach (var mechanism in (string[])["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"])
        {
            await TrialAsync(mesh, "login", "ann@meet.jitsi", Password, mechanism);
            await TrialAsync(mesh, "wrong", "ann@meet.jitsi", "another password", mechanism);
            await TrialAsync(mesh, "wrong", "nobody@meet.jitsi", Password, mechanism);
        }
    }

    [NeedsSlixmppFact]
    public async Task Two_people_and_a_guest_meet_and_a_broken_connection_is_taken_up_again()
    {
        await using var mesh = await StartAsync();
        await TrialAsync(mesh, "meet", "ann@meet.jitsi", Password, "bob@meet.jitsi", Password, "trial@muc.meet.jitsi");
    }

    [NeedsSlixmppFact]
    public async Task Accounts_of_services_log_in_and_a_Jibri_joins_its_brewery()
    {
        await using var mesh = await StartAsync();
        await TrialAsync(mesh, "login", "recorder@hidden.meet.jitsi", RecorderPassword, "SCRAM-SHA-1");
        await TrialAsync(mesh, "wrong", "recorder@hidden.meet.jitsi", JibriPassword, "SCRAM-SHA-1");
        await TrialAsync(mesh, "brewery", "jibri@auth.meet.jitsi", JibriPassword, "jibribrewery@internal-muc.meet.jitsi");
    }

    private async Task<AllInOneProcess> StartAsync()
    {
        var mesh = await AllInOneProcess.StartAsync(Settings);
        foreach (var name in (string[])["ann", "bob"])
        {
            var (code, text) = await Programs.RunAsync("bash", ["-c", "printf '%s' \"$1\" | dotnet \"$2\" users add \"$3\" --password-stdin", "-", Password, Tree.Built("JitsiMesh.Auth.Host"), name], mesh.Folder,
                TimeSpan.FromMinutes(3), new Dictionary<string, string>(Settings) { ["CONFIG"] = mesh.Folder });
            Assert.True(code == 0, text);
        }

        return mesh;
    }

    private async Task TrialAsync(AllInOneProcess mesh, params string[] arguments)
    {
        var script = Tree.Path("tests", "conformance", "slixmpp", "trial.py");
        var (code, text) = await Programs.RunAsync(NeedsSlixmppFactAttribute.Python, [script, _port.ToString(CultureInfo.InvariantCulture), .. arguments], mesh.Folder, TimeSpan.FromMinutes(3));
        output.WriteLine(text);
        if (code != 0) output.WriteLine("The mesh said:\n" + mesh.Log);
        Assert.True(code == 0, text);
    }
}
