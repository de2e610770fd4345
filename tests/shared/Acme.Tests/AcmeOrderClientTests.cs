using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using JitsiMesh.Acme.Challenges;
using JitsiMesh.Acme.Messages;
using JitsiMesh.Acme.Orders;
using JitsiMesh.Kit.Acme;

namespace JitsiMesh.Acme.Tests;

public sealed class AcmeOrderClientTests : IDisposable
{
    private readonly OrderDriver _driver = new();

    [Fact]
    public async Task An_order_for_several_names_ends_with_a_chain_for_them_and_for_the_key()
    {
        var seen = new List<(string Type, string Name, bool Fits)>();
        _driver.Authority.Validate = (type, name, token, right) =>
        {
            seen.Add((type, name, _driver.Presented.Any(p => p.Name == name && p.Token == token && p.KeyAuthorization == right)));
            return Task.FromResult<string?>(null);
        };

        var issued = Assert.IsType<Issued>(await _driver.RunAsync(_driver.Options("meet.example.org", "www.example.org")));

        Assert.Equal([("http-01", "meet.example.org", true), ("http-01", "www.example.org", true)], seen);
        Assert.Equal("Fake Root", issued.Chain.TopIssuer);
        using var pair = X509Certificate2.CreateFromPem(issued.Chain.Pem, _driver.CertificateKey.ExportPkcs8PrivateKeyPem());
        Assert.True(pair.MatchesHostname("www.example.org"));
        Assert.Equal((1, 1, 1), (_driver.Counted, _driver.Authority.Orders.Count, _driver.Authority.Accounts));
        Assert.Contains("mailto:ops@example.org", Assert.Single(_driver.Authority.Contacts), StringComparison.Ordinal);
        Assert.Equal(["https://ca.example/account/1", "https://ca.example/account/1 https://ca.example/order/1"], _driver.Kept.Select(k => $"{k.Account} {k.Order}".Trim()));
    }

    [Fact]
    public async Task The_wanted_challenge_is_taken_where_it_is_offered()
    {
        await _driver.RunAsync(_driver.Options() with { Challenges = [ChallengeKind.TlsAlpn01, ChallengeKind.Http01] });
        Assert.Equal(ChallengeKind.TlsAlpn01, Assert.Single(_driver.Presented).Kind);

        _driver.Authority.Offers = "dns-01";
        var failure = await _driver.FailAsync();
        Assert.Equal((AcmeReason.NoChallenge, "meet.example.org"), (failure.Reason, failure.Name));
        Assert.Contains("offers dns-01", failure.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kept_account_is_used_again_its_contact_follows_and_one_that_is_gone_is_made_anew()
    {
        await _driver.RunAsync(_driver.Options());
        var account = _driver.Kept[0].Account;
        Assert.IsType<Issued>(await _driver.RunAsync(_driver.Options() with { Account = account, Email = "new@example.org", ContactChanged = true }));
        Assert.Equal(1, _driver.Authority.Accounts);
        Assert.Contains("new@example.org", _driver.Authority.Contacts[^1], StringComparison.Ordinal);

        _driver.Authority.ForgetAccounts();
        Assert.IsType<Issued>(await _driver.RunAsync(_driver.Options() with { Account = account }));
        Assert.Equal(1, _driver.Authority.Accounts);
    }

    [Fact]
    public async Task An_account_is_bound_to_an_external_one_where_the_authority_wants_it()
    {
        _driver.Authority.WantsBinding = true;
        _driver.Authority.AddBinding("kid-1", [1, 2, 3]);

        var failure = await _driver.FailAsync();
        Assert.Equal((AcmeReason.BindingNeeded, false), (failure.Reason, failure.Ordered));
        Assert.Equal("externalAccountRequired", (await _driver.FailAsync(_driver.Options() with { ExternalAccount = new ExternalAccount("kid-1", [9]) })).ProblemType);
        Assert.Empty(_driver.Authority.Orders);
        Assert.IsType<Issued>(await _driver.RunAsync(_driver.Options() with { ExternalAccount = new ExternalAccount("kid-1", [1, 2, 3]) }));
        Assert.DoesNotContain("1", new ExternalAccount("1", [1]).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_order_is_taken_up_wherever_the_process_died()
    {
        // Every action is a place to die; the next process knows what was kept.
        for (var death = 1; ; death++)
        {
            using var driver = new OrderDriver();
            var left = death;
            var last = await driver.RunAsync(driver.Options(), _ => --left == 0);
            if (last is Issued) break;
            var kept = driver.Kept.LastOrDefault();
            if (kept?.Order is null) continue;
            var options = driver.Options() with { Account = kept.Account, Order = kept.Order };
            Assert.True(await driver.RunAsync(options) is Issued, $"died at {death}");
            Assert.True(driver.Authority.Orders.Count == 1 && driver.Authority.Issued == 1 && driver.Counted == 1, $"died at {death}");
        }
    }

    [Theory]
    [InlineData(AuthorityFault.RefusedOrders, AcmeReason.Refused, true)]
    [InlineData(AuthorityFault.FailedChallenges, AcmeReason.ChallengeFailed, true)]
    [InlineData(AuthorityFault.ServerErrors, AcmeReason.ServerError, false)]
    [InlineData(AuthorityFault.BadNonces, AcmeReason.BadNonce, false)]
    [InlineData(AuthorityFault.RateLimit, AcmeReason.RateLimited, true)]
    [InlineData(AuthorityFault.MalformedChain, AcmeReason.BadChain, true)]
    [InlineData(AuthorityFault.ChainForAnotherKey, AcmeReason.BadChain, true)]
    [InlineData(AuthorityFault.HugeAnswers, AcmeReason.TooLarge, false)]
    [InlineData(AuthorityFault.ForeignUrls, AcmeReason.Malformed, false)]
    [InlineData(AuthorityFault.Nonsense, AcmeReason.Malformed, false)]
    [InlineData(AuthorityFault.EndlessProcessing, AcmeReason.Timeout, true)]
    public async Task Whatever_the_authority_does_it_ends_in_bounded_time_with_one_reason_and_one_order_at_most(AuthorityFault fault, AcmeReason reason, bool ordered)
    {
        var began = _driver.Now;
        _driver.Authority.Fault = fault;

        var failure = await _driver.FailAsync();

        Assert.Equal((reason, ordered), (failure.Reason, failure.Ordered));
        Assert.Equal(ordered ? 1 : 0, _driver.Authority.Orders.Count);
        Assert.InRange(_driver.Authority.Requests.Count, 1, AcmeLimits.Requests);
        Assert.True(_driver.Now - began <= AcmeLimits.OrderTime + AcmeLimits.LongestPause);
        Assert.DoesNotContain('\n', failure.Text);
        if (fault == AuthorityFault.RateLimit) Assert.Equal(TimeSpan.FromHours(2), failure.RetryAfter);
        if (fault == AuthorityFault.FailedChallenges) Assert.Equal(("connection", "meet.example.org", ChallengeKind.Http01), (failure.ProblemType, failure.Name!, failure.Challenge!.Value));
    }

    [Fact]
    public async Task A_lost_answer_is_asked_for_again_except_that_of_a_new_order()
    {
        var lost = new HashSet<string>(StringComparer.Ordinal);
        _driver.OnTheWay = (request, answer) => !request.Url.AbsolutePath.Contains("new-order", StringComparison.Ordinal) && lost.Add(request.Url.AbsolutePath) ? null : answer;
        Assert.IsType<Issued>(await _driver.RunAsync(_driver.Options()));
        Assert.Single(_driver.Authority.Orders);

        _driver.OnTheWay = (request, answer) => request.Url.AbsolutePath.Contains("new-order", StringComparison.Ordinal) ? null : answer;
        var failure = await _driver.FailAsync();
        Assert.Equal((AcmeReason.Timeout, true), (failure.Reason, failure.Ordered));
        Assert.Equal(2, _driver.Authority.Orders.Count);
    }

    [Fact]
    public async Task A_refused_nonce_is_replaced_by_that_of_the_refusal()
    {
        var refused = 0;
        _driver.OnTheWay = (request, answer) => request.Method == "POST" && refused++ < 3
            ? answer with { Status = 400, Body = """{"type":"urn:ietf:params:acme:error:badNonce"}"""u8.ToArray() }
            : answer;

        Assert.IsType<Issued>(await _driver.RunAsync(_driver.Options()));
        Assert.Single(_driver.Authority.Requests, r => r == "HEAD /nonce");
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("Tue, 01 Jan 2030 01:00:00 GMT", 3600)]
    [InlineData("999999999", 8 * 86400)]
    public async Task An_authority_that_wants_to_be_left_alone_for_long_ends_the_order_until_then(string retryAfter, int seconds)
    {
        var start = _driver.Now;
        _driver.OnTheWay = (request, answer) => request.Url.AbsolutePath == "/directory" ? answer with { Status = 503, RetryAfter = retryAfter, Body = default } : answer;

        var failure = await _driver.FailAsync();

        Assert.Equal(AcmeReason.ServerError, failure.Reason);
        Assert.InRange(failure.RetryAfter!.Value, TimeSpan.FromSeconds(seconds) - (_driver.Now - start), TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task Of_several_chains_the_preferred_one_is_taken_and_without_it_the_first()
    {
        using var other = new OrderDriver();
        using var cross = Cross("Other Root");
        AcmeAnswer? Offer(AcmeRequest request, AcmeAnswer answer)
        {
            if (request.Url.AbsolutePath.EndsWith("/alternate", StringComparison.Ordinal)) return answer with { Status = 200, Body = Encoding.ASCII.GetBytes(_alternate) };
            if (!request.Url.AbsolutePath.StartsWith("/certificate/", StringComparison.Ordinal)) return answer;
            var leaf = Encoding.ASCII.GetString(answer.Body.Span).Split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n";
            _alternate = leaf + cross.ExportCertificatePem() + "\n";
            return answer with { Links = ["<https://ca.example/directory>;rel=\"index\", <https://ca.example/certificate/1/alternate>;rel=\"alternate\"", "<https://elsewhere.example/x>;rel=alternate"] };
        }

        _driver.OnTheWay = Offer;
        Assert.Equal("Other Root", Assert.IsType<Issued>(await _driver.RunAsync(_driver.Options() with { PreferredChain = "Other Root" })).Chain.TopIssuer);
        Assert.Equal("Fake Root", Assert.IsType<Issued>(await _driver.RunAsync(_driver.Options() with { PreferredChain = "No Such Root" })).Chain.TopIssuer);
        Assert.Equal("Fake Root", Assert.IsType<Issued>(await _driver.RunAsync(_driver.Options())).Chain.TopIssuer);
        Assert.DoesNotContain(_driver.Authority.Requests, r => r.Contains("/x", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Words_of_the_authority_are_one_short_line_in_a_failure()
    {
        var long_ = new string('x', 5000);
        _driver.OnTheWay = (request, answer) => request.Url.AbsolutePath == "/new-order"
            ? answer with { Status = 400, Body = Encoding.UTF8.GetBytes($$$"""{"type":"urn:ietf:params:acme:error:malformed","detail":"a\nb\u001b[31m\u2028{{{long_}}}","subproblems":[{"detail":"no","identifier":{"type":"dns","value":"a.example"}}]}""") }
            : answer;

        var failure = await _driver.FailAsync();

        Assert.True(failure.Text.Length < 500);
        Assert.DoesNotContain(failure.Text, c => char.IsControl(c) || c == '\u2028');
    }

    [Fact]
    public void An_authority_without_tls_is_not_asked() =>
        Assert.Throws<ArgumentException>(() => new AcmeOrderClient(_driver.Options() with { Directory = new Uri("http://ca.example/directory") }));

    public void Dispose() => _driver.Dispose();

    private string _alternate = "";

    // The authority's key under another root: same subject, another issuer.
    private X509Certificate2 Cross(string root)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(_driver.Authority.Root.SubjectName, _driver.Authority.Root.PublicKey, HashAlgorithmName.SHA256);
        return request.Create(new X500DistinguishedName("CN=" + root), X509SignatureGenerator.CreateForECDsa(key), _driver.Now, _driver.Now.AddYears(1), [7]);
    }
}
