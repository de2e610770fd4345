using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Auth.Tokens;

/// <summary>
/// <c>token make</c> and <c>token check</c>: for an operator who sets tokens up, or wants to know why one is refused. Both read the settings that the service reads. Exit code 0 when
/// a token was made or is good, otherwise 1.
/// </summary>
public static class TokenCommand
{
    private const string FromInput = "-";

    /// <param name="loadSettings">Reads the settings when a command needs them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="input">Where a token is read that is not among the arguments.</param>
    /// <param name="output">For the token, and for the checks.</param>
    /// <param name="error">For what is wrong.</param>
    public static Command Create(Func<MeshSettings> loadSettings, TimeProvider time, TextReader input, TextWriter output, TextWriter error)
    {
        var command = new Command("token", "Makes a token, or says which check of one fails");
        command.Add(Make(loadSettings, time, output, error));
        command.Add(Check(loadSettings, time, input, output, error));
        return command;
    }

    private static Command Make(Func<MeshSettings> loadSettings, TimeProvider time, TextWriter output, TextWriter error)
    {
        var room = new Option<string>("--room") { Description = "The room that it is good for; any when not given", DefaultValueFactory = _ => "*" };
        var user = new Option<string?>("--user") { Description = "The name that others see" };
        var email = new Option<string?>("--email") { Description = "The user's e-mail address" };
        var id = new Option<string?>("--id") { Description = "The user's id, by which the account is known; made of --email or --user when not given" };
        var moderator = new Option<bool?>("--moderator") { Description = "The user moderates; --moderator false says that the user does not" };
        var group = new Option<string?>("--group") { Description = "The user's group" };
        var features = new Option<string[]>("--feature") { Description = "A feature that is allowed, such as recording; may be given several times. Without any, the role decides" };
        var tenant = new Option<string?>("--tenant") { Description = "The tenant that it is good for; XMPP_DOMAIN when not given" };
        var lifetime = new Option<TimeSpan>("--lifetime") { Description = "How long it is good: 90s, 30m, 1h, 7d", DefaultValueFactory = _ => TimeSpan.FromHours(1), CustomParser = ParseLifetime };
        var key = new Option<FileInfo?>("--key") { Description = "A file with the private key (PEM) to sign with, instead of JWT_APP_SECRET" };
        var keyId = new Option<string?>("--kid") { Description = "The identifier under which the key server has the public key" };
        var algorithm = new Option<string?>("--alg") { Description = "The signature algorithm; JWT_SIGN_TYPE, HS256, or what fits a key when not given" };
        algorithm.AcceptOnlyFromAmong([.. TokenAlgorithm.All.Select(a => a.Name)]);
        var make = new Command("make", "Makes a token and prints it, and nothing else") { room, user, email, id, moderator, group, features, tenant, lifetime, key, keyId, algorithm };
        make.SetAction(parsed => Guard(error, () =>
        {
            var settings = loadSettings();
            var options = OptionsOf(settings);
            var content = new TokenContent
            {
                Issuer = options.Issuers.FirstOrDefault(i => i != "*") ?? "jitsimesh",
                Audience = options.Audiences.FirstOrDefault(a => a != "*") ?? "jitsi",
                Subject = parsed.GetValue(tenant)?.ToLowerInvariant() ?? settings.XmppDomain,
                Room = parsed.GetValue(room)!.ToLowerInvariant(),
                UserId = parsed.GetValue(id) ?? parsed.GetValue(email) ?? parsed.GetValue(user),
                UserName = parsed.GetValue(user),
                Email = parsed.GetValue(email),
                Moderator = parsed.GetResult(moderator) is null ? null : parsed.GetValue(moderator) ?? true,
                Group = parsed.GetValue(group),
                Features = parsed.GetValue(features) ?? [],
                Lifetime = parsed.GetValue(lifetime),
            };
            output.WriteLine(Sign(settings, options, content, parsed.GetValue(key), parsed.GetValue(keyId), parsed.GetValue(algorithm), time.GetUtcNow()));
            return 0;
        }));
        return make;
    }

    private static Command Check(Func<MeshSettings> loadSettings, TimeProvider time, TextReader input, TextWriter output, TextWriter error)
    {
        var token = new Argument<string>("token") { Description = "The token; - or nothing reads it from the standard input, where no list of processes shows it", DefaultValueFactory = _ => FromInput };
        var tenant = new Option<string>("--tenant") { Description = "The tenant of the address that it is used with", DefaultValueFactory = _ => "" };
        var check = new Command("check", "Prints each check of a token in its order, up to the one that fails") { token, tenant };
        check.SetAction((parsed, cancellation) => GuardAsync(error, async () =>
        {
            var options = OptionsOf(loadSettings());
            var text = parsed.GetValue(token)!;
            if (text == FromInput) text = (await input.ReadToEndAsync(cancellation)).Trim();
            var steps = new TokenCheck();
            var verifier = new TokenVerifier(options, TokenModule.KeysOf(options, time, NullLoggerFactory.Instance), time);
            var verdict = text.Length == 0 ? new TokenVerdict(null, TokenRefusal.Required) : await verifier.VerifyAsync(text, parsed.GetValue(tenant)!, steps, cancellation);
            foreach (var step in steps.Steps) await output.WriteLineAsync($"{(step.IsGood ? "ok  " : "FAIL")}  {step.Name,-18}  {Printable(step.Detail)}");
            if (verdict.Refusal is { } refusal)
            {
                await output.WriteLineAsync($"refused: {refusal.Condition}{(refusal.Text.Length > 0 ? $", \"{refusal.Text}\"" : ", without a text for the client")} (counted as {refusal.Reason})");
                return 1;
            }

            await output.WriteLineAsync("accepted");
            return 0;
        }));
        return check;
    }

    private static TokenOptions OptionsOf(MeshSettings settings) => TokenOptions.From(settings);

    private static string Sign(MeshSettings settings, TokenOptions options, TokenContent content, FileInfo? key, string? keyId, string? name, DateTimeOffset now)
    {
        if (key is null)
        {
            if (options.Secret is null) throw new CryptographicException("There is no JWT_APP_SECRET to sign with: --key and --kid name a private key and its identifier.");
            var shared = TokenAlgorithm.Find(name ?? options.Algorithms.FirstOrDefault(a => a.Name == "HS256")?.Name ?? options.Algorithms[0].Name)!;
            return TokenMaker.Make(content, shared, keyId, now, TokenMaker.WithSecret(settings.Get(KnownSettings.JwtAppSecret), shared));
        }

        if (keyId is null) throw new CryptographicException("--key needs --kid: by it the key server is asked for the public key.");
        var pem = File.ReadAllText(key.FullName);
        var algorithm = TokenAlgorithm.Find(name ?? (settings.Get(KnownSettings.JwtSignType) is { Length: > 0 } only ? only : "RS256"))!;
        return TokenMaker.Make(content, algorithm, keyId, now, TokenMaker.WithKey(pem, algorithm));
    }

    private static TimeSpan ParseLifetime(System.CommandLine.Parsing.ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        double? unit = text.Length < 2 ? null : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => null };
        if (unit is { } seconds && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 && count * seconds <= 3_660d * 86_400) return TimeSpan.FromSeconds(count * seconds);
        result.AddError($"--lifetime: '{text}' is no duration such as 90s, 30m, 1h or 7d");
        return default;
    }

    // A token of somebody else's must not write to the terminal.
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format ? '?' : c));

    private static int Guard(TextWriter error, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception exception) when (TellOf(exception, error))
        {
            return 1;
        }
    }

    private static async Task<int> GuardAsync(TextWriter error, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception exception) when (TellOf(exception, error))
        {
            return 1;
        }
    }

    // What an operator can put right, in one line each.
    private static bool TellOf(Exception exception, TextWriter error)
    {
        var lines = exception switch
        {
            SettingsException refusal => refusal.Problems,
            CryptographicException or IOException or UnauthorizedAccessException => [exception.Message],
            _ => [],
        };
        foreach (var line in lines) error.WriteLine("FATAL: " + line);
        return lines.Count > 0;
    }
}
