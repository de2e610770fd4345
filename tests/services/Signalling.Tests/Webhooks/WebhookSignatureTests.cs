using System.Text;
using JitsiMesh.Signalling.Webhooks;

namespace JitsiMesh.Signalling.Tests.Webhooks;

/// <summary>Signatures and secrets of the Standard Webhooks specification.</summary>
public sealed class WebhookSignatureTests
{
    private const string Key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Other = "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=";
    private const string Event = """{"type":"participant.joined","timestamp":"2026-08-24T09:00:00.000Z","data":{"participant":{"display_name":"Zoë 😀"}}}""";

    [Theory]
    // Key, id, time, body, and the signature that standardwebhooks 1.1 (JavaScript) and hmac (Python) make of them; the one with a plain text is of Python alone.
    [InlineData(Key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}""", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData(Other, "msg_0123456789abcdef0123456789abcdef", 1787562000, Event, "v1,UM8cYwkwQR5EDW5/mdyX3JJ1UKiYegFtYJl57duKVbU=")]
    [InlineData("a-plain-text-of-24-chars+", "msg_1", 1787562000, Event, "v1,R2ESwTV+/dNqgcKepPNYVpZPsy29RZny1LX8XLYL4nQ=")]
    public void It_is_the_one_that_other_implementations_make(string secret, string id, long time, string body, string signature) =>
        Assert.Equal(signature, WebhookSignature.Of(Parse(secret), id, time, Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void While_a_secret_is_changed_both_sign()
    {
        var body = Encoding.UTF8.GetBytes("{}");
        Assert.Equal($"{WebhookSignature.Of(Parse(Key), "a", 1, body)} {WebhookSignature.Of(Parse(Other), "a", 1, body)}", WebhookSignature.Of(Parse($"{Key} {Other}"), "a", 1, body));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("whsec_")]
    [InlineData("whsec_not!base64not!base64not!base64")]
    [InlineData("whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG0")]
    [InlineData("whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbA==")]
    [InlineData("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("a-plain-text-of-23-char")]
    [InlineData("a plain text with spaces in it")]
    [InlineData(Key + " " + Other + " " + Key)]
    public void A_secret_that_is_none_is_told_of_without_its_value(string text)
    {
        Assert.False(WebhookSecrets.TryParse(text, out _, out var problem));
        foreach (var part in text.Split(' ').Where(part => part.Length > 6)) Assert.DoesNotContain(part, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_print_nothing() => Assert.Equal("webhook secrets", Parse(Key).ToString());

    private static WebhookSecrets Parse(string text) => WebhookSecrets.TryParse(text, out var secrets, out var problem) ? secrets : throw new ArgumentException(problem);
}
