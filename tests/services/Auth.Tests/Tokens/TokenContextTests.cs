using JitsiMesh.Contracts.Links;
using static JitsiMesh.Auth.Tests.Tokens.TokenMint;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary>What a verified token says of its session.</summary>
public sealed class TokenContextTests
{
    [Fact]
    public async Task Everything_that_the_token_says_is_handed_on()
    {
        await using var service = TokenService.WithSecret();

        var context = await service.ContextAsync(Payload(
            ("room", "\"Team-.*\""), ("sub", "\"tenant\""),
            ("context", """{"tenant":"Tenant","group":"red","room":{"regex":true},"features":{"recording":true,"livestreaming":"false"},"user":{"id":"u-1","name":"Zoë \ud83d\ude00","email":"z@example.org","avatar":"https://a/b","moderator":"true","hidden-from-recorder":true}}""")));

        Assert.Equal("u-1", context.Identity);
        Assert.Equal(new TokenClaims("Team-.*", true, "tenant", "Tenant"), context.Claims);
        Assert.Equal("""{"id":"u-1","name":"Zoë 😀","email":"z@example.org","avatar":"https://a/b","moderator":"true","hidden-from-recorder":true}""", Unescape(context.UserContext));
        Assert.Equal("red", context.Group);
        Assert.Equal("""{"recording":true,"livestreaming":"false"}""", context.Features);
        Assert.True(context.Moderator);
        Assert.Null(context.Token);
    }

    [Theory]
    [InlineData("""{"user":{"id":"u"}}""", "u", """{"id":"u"}""")]
    [InlineData("""{"user":{"id":42}}""", "42", """{"id":42}""")]
    [InlineData("""{"user":{"name":"Ann"}}""", "meet.jitsi", """{"name":"Ann"}""")]
    [InlineData("""{"user":{"id":""}}""", "meet.jitsi", """{"id":""}""")]
    [InlineData("{}", "meet.jitsi", null)]
    [InlineData(null, "meet.jitsi", null)]
    public async Task The_identity_is_the_users_id_else_the_subject(string? context, string identity, string? user)
    {
        await using var service = TokenService.WithSecret();

        var admitted = await service.ContextAsync(Payload(("context", context)));
        Assert.Equal((identity, user), (admitted.Identity, admitted.UserContext));
    }

    [Fact]
    public async Task A_token_without_context_may_name_its_user_alone()
    {
        await using var service = TokenService.WithSecret();

        var alone = await service.ContextAsync(Payload(("user_id", "\"u-7\"")));
        Assert.Equal(("u-7", """{"id":"u-7"}"""), (alone.Identity, alone.UserContext));
        var beside = await service.ContextAsync(Payload(("user_id", "\"u-7\""), ("context", "{}")));
        Assert.Equal(("meet.jitsi", null), (beside.Identity, beside.UserContext));
    }

    [Theory]
    [InlineData("""{"affiliation":"owner"}""", true)]
    [InlineData("""{"affiliation":"moderator"}""", true)]
    [InlineData("""{"affiliation":"teacher"}""", true)]
    [InlineData("""{"affiliation":"member"}""", false)]
    [InlineData("""{"affiliation":"Owner"}""", false)]
    [InlineData("""{"affiliation":["owner"]}""", false)]
    [InlineData("""{"moderator":true}""", true)]
    [InlineData("""{"moderator":"true"}""", true)]
    [InlineData("""{"moderator":false}""", false)]
    [InlineData("""{"moderator":"false"}""", false)]
    [InlineData("""{"moderator":"yes"}""", false)]
    [InlineData("""{"moderator":1}""", false)]
    [InlineData("""{"affiliation":"member","moderator":true}""", true)]
    [InlineData("""{"affiliation":"owner","moderator":false}""", true)]
    [InlineData("""{"affiliation":null,"moderator":null}""", null)]
    [InlineData("{}", null)]
    public async Task Whether_the_user_moderates_is_said_or_not_said(string user, bool? expected)
    {
        await using var service = TokenService.WithSecret();

        Assert.Equal(expected, (await service.ContextAsync(Payload(("context", $$"""{"user":{{user}}}""")))).Moderator);
    }

    [Fact]
    public async Task The_people_of_some_issuers_all_moderate()
    {
        await using var service = TokenService.WithSecret(("JWT_ACCEPTED_ISSUERS", "app,boss"), ("JWT_ACCEPTED_ALLOWNER_ISSUERS", "boss"));

        Assert.True((await service.ContextAsync(Payload(("iss", "\"boss\"")))).Moderator);
        Assert.True((await service.ContextAsync(Payload(("iss", "\"boss\""), ("context", """{"user":{"moderator":false}}""")))).Moderator);
        Assert.Null((await service.ContextAsync(Payload())).Moderator);
    }

    [Theory]
    [InlineData("""{"room":{"regex":true}}""", true)]
    [InlineData("""{"room":{"regex":"true"}}""", true)]
    [InlineData("""{"room":{"regex":false}}""", false)]
    [InlineData("""{"room":{"regex":"no"}}""", false)]
    [InlineData("""{"room":{}}""", false)]
    [InlineData("{}", false)]
    public async Task The_room_is_a_pattern_where_the_context_says_so(string context, bool expected)
    {
        await using var service = TokenService.WithSecret();

        Assert.Equal(expected, (await service.ContextAsync(Payload(("context", context)))).Claims!.RoomIsPattern);
    }

    private static string? Unescape(string? json) => json?.Replace("\\uD83D\\uDE00", "😀", StringComparison.OrdinalIgnoreCase);
}
