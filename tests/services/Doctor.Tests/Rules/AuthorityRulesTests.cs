using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;

namespace JitsiMesh.Doctor.Tests.Rules;

public sealed class AuthorityRulesTests
{
    private static readonly DateTimeOffset Now = new(2030, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly AuthorityFacts Good = new(true, "authority", "acme.example", [], Now.AddDays(40), null, null);

    // As edge-proxy writes it.
    private const string Page = """
        {"certificate":{"source":"self-signed","names":["localhost"],"issuer":"JitsiMesh self-signed","notAfter":"2036-01-01T00:00:00Z"},
         "authority":{"directory":"https://acme.example/directory","names":["meet.example.org"],"problems":[],"renewal":null,"nextRequest":"2030-06-01T13:00:00+00:00",
          "lastError":{"at":"2030-06-01T11:00:00+00:00","reason":"challenge-failed","text":"no way in"},"orders":[{"at":"2030-06-01T11:00:00+00:00","outcome":"failed"}]}}
        """;

    [Fact]
    public void The_last_error_is_told_with_the_next_try()
    {
        Assert.True(AuthorityFacts.TryRead(Page, out var facts));
        var result = Assert.Single(AuthorityRules.Judge(facts, Now));
        Assert.Equal(CheckState.Failed, result.State);
        Assert.Equal("acme.example issued no certificate: 2030-06-01 11:00 UTC, challenge-failed: no way in", result.Seen);
        Assert.Contains("2030-06-01 13:00 UTC", result.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"authority":null}""")]
    [InlineData("""{"authority":{"directory":7}}""")]
    [InlineData("<html>")]
    public void Another_page_is_none(string page) => Assert.False(AuthorityFacts.TryRead(page, out _));

    [Fact]
    public void A_certificate_of_the_authority_is_ok_and_one_with_a_failed_renewal_a_warning()
    {
        var ok = Assert.Single(AuthorityRules.Judge(Good, Now));
        Assert.Equal(CheckState.Ok, ok.State);
        Assert.Contains("2030-07-11", ok.Seen, StringComparison.Ordinal);
        Assert.Equal(CheckState.Warning, Assert.Single(AuthorityRules.Judge(Good with { Error = "x" }, Now)).State);
        Assert.Equal(CheckState.Warning, Assert.Single(AuthorityRules.Judge(Good with { IsServed = false, Source = "self-signed", Renewal = null }, Now)).State);
        Assert.Equal(CheckState.Ok, Assert.Single(AuthorityRules.Judge(Good with { IsServed = false, Source = "own-files" }, Now)).State);
        Assert.Equal(CheckState.Failed, Assert.Single(AuthorityRules.Judge(Good with { Problems = ["LETSENCRYPT_DOMAIN: it is not set"] }, Now)).State);
    }
}
