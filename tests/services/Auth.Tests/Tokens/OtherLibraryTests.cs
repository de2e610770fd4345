using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using JitsiMesh.Auth.Tests.Kit;
using Xunit.Abstractions;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary>Tokens, keys and a set of keys made by jose, a library of other authorship, on Node.js.</summary>
public sealed class OtherLibraryTests(ITestOutputHelper output)
{
    // Of 64 characters: the library keeps to the lengths of RFC 7518 section 3.2, up to HS512.
    private const string Secret = TokenMint.Secret + TokenMint.Secret;

    [NodeFact]
    public async Task Its_tokens_are_let_in_and_its_forgeries_are_not()
    {
        using var made = JsonDocument.Parse(await NodeFactAttribute.RunAsync(JsonSerializer.Serialize(new { secret = Secret, payload = JsonSerializer.Deserialize<JsonElement>(TokenMint.Payload()) })));
        await using var server = await KeyServer.StartAsync();
        server.Files["/jwks.json"] = made.RootElement.GetProperty("jwks").GetRawText();
        foreach (var pem in made.RootElement.GetProperty("pems").EnumerateObject()) server.Files[KeyServer.PathOf(pem.Name)] = pem.Value.GetString()!;
        await using var secret = new TokenService(("JWT_APP_ID", "app"), ("JWT_APP_SECRET", Secret));
        await using var folder = server.Asap();
        await using var set = server.Jwks();

        var seen = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var token in made.RootElement.GetProperty("tokens").EnumerateArray())
        {
            var text = token.GetProperty("token").GetString()!;
            var algorithm = token.GetProperty("alg").GetString()!;
            var expected = token.TryGetProperty("forged", out _) ? "not-allowed|Invalid signature|token_signature"
                : token.TryGetProperty("confused", out _) ? "not-allowed|Invalid or incorrect alg|token_algorithm"
                : "admitted";
            if (token.TryGetProperty("kid", out _))
            {
                Assert.Equal((algorithm, expected), (algorithm, await folder.OutcomeAsync(text)));
                Assert.Equal((algorithm, expected), (algorithm, await set.OutcomeAsync(text)));
                Assert.NotEqual("admitted", await secret.OutcomeAsync(text));
            }
            else
            {
                Assert.Equal((algorithm, expected), (algorithm, await secret.OutcomeAsync(text)));
                Assert.Equal("not-allowed|'kid' claim is missing|token_kid", await set.OutcomeAsync(text));
            }

            seen.Add($"{algorithm} {expected.Split('|')[0]}");
        }

        output.WriteLine(string.Join(", ", seen));
        Assert.Equal(12, seen.Count(s => s.EndsWith(" admitted", StringComparison.Ordinal)));
    }
}

/// <summary>A fact that needs Node.js and what npm installs beside it, skipped aloud without.</summary>
public sealed class NodeFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Reason = new(Prepare);

    public NodeFactAttribute() => Skip = Reason.Value;

    private static string Folder { get; } = Path.Combine(Path.GetDirectoryName(Here())!, "OtherLibrary");

    public static async Task<string> RunAsync(string input)
    {
        using var process = Process.Start(new ProcessStartInfo("node", ["tokens.js"]) { WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var text = await process.StandardOutput.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(0, process.ExitCode);
        return text;
    }

    private static string? Prepare() => NodePackage.Prepare(Folder, "jose");

    private static string Here([CallerFilePath] string path = "") => path;
}
