using System.Text.Json;
using JitsiMesh.Auth.Tests.Kit;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.Tests.Accounts;

/// <summary>Recorders and gateways, which log in with what the settings say.</summary>
public sealed class ServiceAccountTests
{
    private static readonly (string Name, string Value)[] All =
    [
        ("JIBRI_XMPP_PASSWORD", "of the recorder 1"), ("JIBRI_RECORDER_PASSWORD", "of the recorder 2"), ("JIGASI_XMPP_USER", "gateway"), ("JIGASI_XMPP_PASSWORD", "of the gateway 1"), ("JIGASI_TRANSCRIBER_PASSWORD", "of the gateway 2"),
    ];

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Each_logs_in_on_its_domain_with_every_mechanism_whether_people_do_or_not(string enableAuth)
    {
        await using var auth = AuthModuleUnderTest.Compose([("ENABLE_AUTH", enableAuth), ("XMPP_HIDDEN_DOMAIN", "Hidden.Example"), .. All]);
        foreach (var (name, password, host) in new[]
        {
            ("jibri", "of the recorder 1", "auth.meet.jitsi"), ("recorder", "of the recorder 2", "hidden.example"), ("gateway", "of the gateway 1", "auth.meet.jitsi"), ("transcriber", "of the gateway 2", "hidden.example"),
        })
        {
            Assert.Equal("SCRAM-SHA-256,SCRAM-SHA-1,PLAIN", await auth.MechanismsAsync(host));
            foreach (var mechanism in (string[])["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"])
            {
                var answer = mechanism == "PLAIN" ? await auth.PlainAsync(name, password, host, authorization: $"{name}@{host}") : await auth.ScramAsync(mechanism, name, password, host);
                Assert.Equal(name, answer.Admitted?.Username);
                Assert.Equal($"{name}@{host}", JsonSerializer.Deserialize<SessionContext>(answer.Admitted!.Context)!.Identity);
                var wrong = mechanism == "PLAIN" ? await auth.PlainAsync(name, password + "x", host) : await auth.ScramAsync(mechanism, name, password + "x", host);
                Assert.Equal("not-authorized", wrong.Refused.Condition);
            }

            // Neither on the other domain nor on people's.
            var elsewhere = host == "auth.meet.jitsi" ? "hidden.example" : "auth.meet.jitsi";
            Assert.Equal("not-authorized", (await auth.PlainAsync(name, password, elsewhere)).Refused.Condition);
        }
    }

    [Fact]
    public async Task There_is_no_account_without_a_good_password()
    {
        await using var auth = AuthModuleUnderTest.Compose(("JIBRI_XMPP_PASSWORD", "passw0rd"), ("JIBRI_RECORDER_PASSWORD", "short"), ("JIGASI_TRANSCRIBER_PASSWORD", "of the gateway 2"));
        Assert.Equal("", await auth.MechanismsAsync("auth.meet.jitsi"));
        Assert.Equal("invalid-mechanism", (await auth.PlainAsync("jibri", "passw0rd", "auth.meet.jitsi")).Refused.Condition);
        Assert.Equal("not-authorized", (await auth.PlainAsync("recorder", "short", "hidden.meet.jitsi")).Refused.Condition);
        Assert.Equal("transcriber", (await auth.PlainAsync("transcriber", "of the gateway 2", "hidden.meet.jitsi")).Admitted.Username);
        Assert.Contains(auth.Settings.NoticesOf("auth"), notice => notice.Text.StartsWith("JIBRI_XMPP_PASSWORD:", StringComparison.Ordinal));
        Assert.Equal(AdmitResponse.OutcomeOneofCase.Admitted, (await auth.StepAsync("ANONYMOUS", [])).OutcomeCase);
    }

    [Theory]
    [InlineData("JIBRI_XMPP_USER", "with space")]
    [InlineData("JIBRI_XMPP_USER", "a@b")]
    [InlineData("JIBRI_XMPP_USER", "Focus")]
    [InlineData("JIGASI_XMPP_USER", "jibri")]
    [InlineData("XMPP_HIDDEN_DOMAIN", "meet.jitsi")]
    [InlineData("XMPP_AUTH_DOMAIN", "guest.meet.jitsi")]
    public void A_name_or_domain_that_cannot_be_ends_the_start(string setting, string value)
    {
        var refusal = Assert.Throws<SettingsException>(() => AuthModuleUnderTest.Compose([.. All.Where(s => s.Name != setting), (setting, value)]));
        Assert.All(refusal.Problems, problem => Assert.Contains("_USER: ", problem, StringComparison.Ordinal));
    }
}
