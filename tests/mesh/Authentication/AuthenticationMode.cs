using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using JitsiMesh.Kit.Directories;

namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>One way of running a mesh: a column of the table in docs/authentication.md.</summary>
/// <param name="Name">The column's head.</param>
/// <param name="Settings">What an operator sets.</param>
/// <param name="Login">How somebody with a login comes in.</param>
internal sealed record AuthenticationMode(string Name, IReadOnlyDictionary<string, string?> Settings, LoginKind Login)
{
    public const string Password = "open sesame 17";
    public const string Issuer = "table";

    /// <summary>The host of most rows, and one whom no claim makes a moderator; both have <see cref="Password"/> as accounts.</summary>
    public const string Host = "ann", Second = "ben";

    public static readonly string Secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(24));

    public static readonly IReadOnlyList<AuthenticationMode> All =
    [
        new("anonymous", new Dictionary<string, string?> { ["ENABLE_AUTH"] = "0" }, LoginKind.None),
        new("internal", Accounts, LoginKind.Accounts),
        new("internal, guests", new Dictionary<string, string?>(Accounts) { ["ENABLE_GUESTS"] = "1" }, LoginKind.Accounts),
        new("ldap, guests", new Dictionary<string, string?> { ["ENABLE_AUTH"] = "1", ["ENABLE_GUESTS"] = "1", ["AUTH_TYPE"] = "ldap", ["LDAP_MODERATOR_GROUPS"] = "cn=hosts,ou=groups," + RunningSlapd.Suffix }, LoginKind.Directory),
        new("jwt", Tokens, LoginKind.Tokens),
        new("jwt, allow-empty", new Dictionary<string, string?>(Tokens) { ["JWT_ALLOW_EMPTY"] = "1" }, LoginKind.Tokens),
        // The token is made by hand here, with the key that this server would make it with; the way to it is tested with a provider.
        new("oidc", new Dictionary<string, string?>(Tokens) { ["AUTH_TYPE"] = "oidc", ["PUBLIC_URL"] = "https://meet.example.org", ["MESH_OIDC_ISSUER"] = "http://127.0.0.1:1", ["MESH_OIDC_CLIENT_ID"] = "mesh" }, LoginKind.Tokens),
        new("hybrid, guests", new Dictionary<string, string?>(Tokens) { ["AUTH_TYPE"] = "hybrid", ["ENABLE_GUESTS"] = "1" }, LoginKind.Accounts) { HasTokens = true },
    ];

    public static Dictionary<string, string?> Accounts => new() { ["ENABLE_AUTH"] = "1", ["AUTH_TYPE"] = "internal" };

    public static Dictionary<string, string?> Tokens => new()
    {
        ["ENABLE_AUTH"] = "1",
        ["AUTH_TYPE"] = "jwt",
        ["JWT_APP_ID"] = Issuer,
        ["JWT_APP_SECRET"] = Secret,
        ["JWT_ENABLE_DOMAIN_VERIFICATION"] = "1",
    };

    /// <summary>Tokens are a way in beside accounts.</summary>
    public bool HasTokens { get; init; }

    public static AuthenticationMode Of(string name) => All.Single(mode => mode.Name == name);

    /// <summary>A token made by hand from RFC 7515 and 7519: good for everything but what is changed.</summary>
    /// <param name="lifetime">From now on; below zero for one that is over.</param>
    /// <param name="secret">Another key than the mesh's.</param>
    /// <param name="room">The room that it is good for.</param>
    /// <param name="subject">The tenant that it is good for, or the domain.</param>
    /// <param name="moderator">What it says of moderating; null for nothing.</param>
    public static string Token(TimeSpan? lifetime = null, string? secret = null, string room = "*", string subject = "meet.jitsi", bool? moderator = null)
    {
        var now = DateTimeOffset.UtcNow;
        var user = new JsonObject { ["id"] = "u-1", ["name"] = "Ann" };
        if (moderator is not null) user["moderator"] = moderator;
        var payload = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = "jitsi",
            ["sub"] = subject,
            ["room"] = room,
            ["exp"] = (now + (lifetime ?? TimeSpan.FromHours(1))).ToUnixTimeSeconds(),
            ["context"] = new JsonObject { ["user"] = user },
        };
        var body = string.Create(CultureInfo.InvariantCulture, $"{Url(JsonSerializer.SerializeToUtf8Bytes(new { alg = "HS256", typ = "JWT" }))}.{Url(Encoding.UTF8.GetBytes(payload.ToJsonString()))}");
        return $"{body}.{Url(HMACSHA256.HashData(Encoding.ASCII.GetBytes(secret ?? Secret), Encoding.ASCII.GetBytes(body)))}";
    }

    public override string ToString() => Name;

    private static string Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}

/// <summary>With what people log in.</summary>
internal enum LoginKind
{
    None,
    Accounts,
    Directory,
    Tokens,
}
