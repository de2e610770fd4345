using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;

namespace JitsiMesh.Doctor.Tests.Rules;

public sealed class CertificateRulesTests
{
    private static readonly DateTimeOffset Now = new(2030, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly CertificateFacts Good = new("CN=meet.example.org", ["meet.example.org"], true, Now.AddDays(-30), Now.AddDays(60), false, null);

    private static readonly CertificateFacts Own = new("CN=JitsiMesh self-signed", ["localhost", "127.0.0.1"], true, Now.AddDays(-1), Now.AddYears(10), true, "untrusted root");

    [Fact]
    public void A_trusted_certificate_for_the_host_is_ok()
    {
        var result = Assert.Single(Judge(Good));
        Assert.Equal(CheckState.Ok, result.State);
        Assert.Contains("2030-07-31", result.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public void Our_own_self_signed_one_on_localhost_is_a_warning() => Assert.Equal(CheckState.Warning, Assert.Single(Judge(Own, isLocal: true)).State);

    [Fact]
    public void The_same_on_a_public_name_fails_unless_insecure()
    {
        Assert.Equal(CheckState.Failed, Assert.Single(Judge(Own)).State);
        Assert.Equal(CheckState.Warning, Assert.Single(Judge(Own, insecure: true)).State);
    }

    [Fact]
    public void A_strangers_self_signed_one_on_localhost_fails() =>
        Assert.Equal(CheckState.Failed, Assert.Single(Judge(Own with { Subject = "CN=somebody" }, isLocal: true)).State);

    [Fact]
    public void Another_name_fails_and_names_both()
    {
        var result = Assert.Single(Judge(Good with { MatchesHost = false, Names = ["other.example.org"] }));
        Assert.Equal(CheckState.Failed, result.State);
        Assert.Contains("other.example.org instead of meet.example.org", result.Seen, StringComparison.Ordinal);
        Assert.Contains("PUBLIC_URL", result.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_has_ended_and_one_that_has_not_begun_fail()
    {
        Assert.Contains("has expired", Assert.Single(Judge(Good with { Until = Now.AddMinutes(-1) })).Seen, StringComparison.Ordinal);
        Assert.Contains("valid only from", Assert.Single(Judge(Good with { From = Now.AddMinutes(1) })).Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(13, CheckState.Warning)]
    [InlineData(15, CheckState.Ok)]
    public void Two_weeks_before_the_end_it_warns(int days, CheckState expected) =>
        Assert.Equal(expected, Assert.Single(Judge(Good with { Until = Now.AddDays(days) })).State);

    [Fact]
    public void A_chain_that_does_not_close_fails_with_the_reason()
    {
        var result = Assert.Single(Judge(Good with { ChainProblem = "an intermediate certificate or the root is missing" }));
        Assert.Equal(CheckState.Failed, result.State);
        Assert.Contains("intermediate", result.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public void Phone_apps_connect_with_a_public_certificate_alone()
    {
        CheckState Phones(CertificateFacts facts, bool isLocal = false) => CertificateRules.JudgePhones(facts, isLocal, Now).State;
        Assert.Equal(CheckState.Ok, Phones(Good));
        Assert.Equal(CheckState.Warning, Phones(Own));
        Assert.Equal(CheckState.Warning, Phones(Good with { ChainProblem = "an intermediate certificate or the root is missing" }));
        Assert.Equal(CheckState.Warning, Phones(Good with { MatchesHost = false }));
        Assert.Equal(CheckState.Warning, Phones(Good with { Until = Now.AddDays(-1) }));
        Assert.Equal(CheckState.Skipped, Phones(Own, isLocal: true));
        Assert.StartsWith("will not connect: the certificate is not publicly trusted", CertificateRules.JudgePhones(Own, false, Now).Seen, StringComparison.Ordinal);
    }

    private static List<CheckResult> Judge(CertificateFacts facts, bool isLocal = false, bool insecure = false) =>
        [.. CertificateRules.Judge(facts, "meet.example.org", isLocal, insecure, Now)];
}
