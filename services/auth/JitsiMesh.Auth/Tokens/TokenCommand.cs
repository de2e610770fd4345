using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tokens;

/// <summary>
/// <c>token make</c> and <c>token check</c>: for an operator who configures tokens, or diagnoses a refused one. Both read the settings of the service. Exit code 0 when
/// a token was issued or is valid, otherwise 1.
/// </summary>
public static class TokenCommand
{
    private const string FromInput = "-";

    /// <param name="loadSettings">Reads the settings when a command needs them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="input">Read for a token that is not among the arguments.</param>
    /// <param name="output">For the token, and for the checks.</param>
    /// <param name="error">For error messages.</param>
    /// <param name="systemOptions">The options of tokens of an operator's programs; null if they have no key.</param>
    internal static Command Create(Func<MeshSettings> loadSettings, TimeProvider time, TextReader input, TextWriter output, TextWriter error, Func<MeshSettings, TokenOptions?> systemOptions)
    {
        var command = new Command("token", "Issues a token, or shows which check of a token fails");
        command.Add(Make(loadSettings, time, output, error, systemOptions));
        command.Add(Check(loadSettings, time, input, output, error, systemOptions));
        return command;
    }

    private static Command Make(Func<MeshSettings> loadSettings, TimeProvider time, TextWriter output, TextWriter error, Func<MeshSettings, TokenOptions?> systemOptions)
    {
        var room = new Option<string>("--room") { Description = "The room that it is valid for; if missing, any room", DefaultValueFactory = _ => "*" };
        var user = new Option<string?>("--user") { Description = "The name shown to other participants" };
        var email = new Option<string?>("--email") { Description = "The user's e-mail address" };
        var id = new Option<string?>("--id") { Description = "The user's id, which identifies the account; if missing, derived from --email or --user" };
        var moderator = new Option<bool?>("--moderator") { Description = "The user moderates; --moderator false denies it" };
        var group = new Option<string?>("--group") { Description = "The user's group" };
        var features = new Option<string[]>("--feature") { Description = "An allowed feature, such as recording; may be repeated. Without any, the role decides" };
        var tenant = new Option<string?>("--tenant") { Description = "The tenant that it is valid for; XMPP_DOMAIN if missing" };
        var lifetime = new Option<TimeSpan>("--lifetime") { Description = "Its lifetime: 90s, 30m, 1h, 7d", DefaultValueFactory = _ => TimeSpan.FromHours(1), CustomParser = ParseLifetime };
        var key = new Option<FileInfo?>("--key") { Description = "A file with the private key (PEM) to sign with, instead of JWT_APP_SECRET" };
        var keyId = new Option<string?>("--kid") { Description = "The id of the public key on the key server" };
        var algorithm = new Option<string?>("--alg") { Description = "The signature algorithm; if missing, JWT_SIGN_TYPE, HS256, or the one that fits the key" };
        algorithm.AcceptOnlyFromAmong([.. TokenAlgorithm.All.Select(a => a.Name)]);
        var system = SystemOption();
        var make = new Command("make", "Issues a token and prints only the token") { room, user, email, id, moderator, group, features, tenant, lifetime, key, keyId, algorithm, system };
        make.SetAction(parsed => Guard(error, () =>
        {
            var settings = loadSettings();
            var options = parsed.GetValue(system) ? SystemOptionsOf(settings, systemOptions) : OptionsOf(settings);
            var secret = settings.Get(parsed.GetValue(system) ? KnownSettings.SystemTokenSecret : KnownSettings.JwtAppSecret);
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
            output.WriteLine(Sign(settings, options, secret, content, parsed.GetValue(key), parsed.GetValue(keyId), parsed.GetValue(algorithm), time.GetUtcNow()));
            return 0;
        }));
        return make;
    }

    private static Command Check(Func<MeshSettings> loadSettings, TimeProvider time, TextReader input, TextWriter output, TextWriter error, Func<MeshSettings, TokenOptions?> systemOptions)
    {
        var token = new Argument<string>("token") { Description = "The token; with - or without it, it is read from the standard input, which the list of processes does not show", DefaultValueFactory = _ => FromInput };
        var tenant = new Option<string>("--tenant") { Description = "The tenant of the address that it is used for", DefaultValueFactory = _ => "" };
        var system = SystemOption();
        var check = new Command("check", "Prints the checks of a token in order, up to the one that fails") { token, tenant, system };
        check.SetAction((parsed, cancellation) => GuardAsync(error, async () =>
        {
            var settings = loadSettings();
            var options = parsed.GetValue(system) ? SystemOptionsOf(settings, systemOptions) : OptionsOf(settings);
            var text = parsed.GetValue(token)!;
            if (text == FromInput) text = (await input.ReadToEndAsync(cancellation)).Trim();
            var steps = new TokenCheck();
            using var lines = new ErrorLines(error);
            using var loggers = LoggerFactory.Create(builder => builder.AddProvider(lines));
            var verifier = new TokenVerifier(options, TokenModule.KeysOf(options, time, loggers), time);
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

    private static Option<bool> SystemOption() => new("--system") { Description = "A token of an operator's program, with the key of MESH_SYSTEM_TOKEN_SECRET or MESH_SYSTEM_TOKEN_KEYSERVER" };

    private static TokenOptions SystemOptionsOf(MeshSettings settings, Func<MeshSettings, TokenOptions?> systemOptions) => systemOptions(settings)
        ?? throw new SettingsException([$"{KnownSettings.SystemTokenSecret.Name}: with --system it must be set, or {KnownSettings.SystemTokenKeyServer.Name}"]);

    private static TokenOptions OptionsOf(MeshSettings settings)
    {
        if (settings.Get(KnownSettings.AuthType) is not AuthenticationType.Oidc) return TokenOptions.From(settings);
        if (!settings.IsSet(KnownSettings.JwtAppSecret)) throw new SettingsException([$"{KnownSettings.JwtAppSecret.Name}: with {KnownSettings.AuthType.Name}=oidc tokens are made and checked by this command where it is set; without it only the service has the key"]);
        return OwnTokens.OptionsOf(settings, () => []);
    }

    private static string Sign(MeshSettings settings, TokenOptions options, string secret, TokenContent content, FileInfo? key, string? keyId, string? name, DateTimeOffset now)
    {
        if (key is null)
        {
            if (options.Secret is null) throw new CryptographicException("There is no secret to sign with: use --key and --kid for a private key and its id.");
            var shared = TokenAlgorithm.Find(name ?? options.Algorithms.FirstOrDefault(a => a.Name == "HS256")?.Name ?? options.Algorithms[0].Name)!;
            return TokenMaker.Make(content, shared, keyId, now, TokenMaker.WithSecret(secret, shared));
        }

        if (keyId is null) throw new CryptographicException("--key needs --kid: the key server finds the public key by it.");
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

    // The content of an untrusted token must not control the terminal.
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format ? '?' : c));

    private static int Guard(TextWriter error, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception exception) when (TryReport(exception, error))
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
        catch (Exception exception) when (TryReport(exception, error))
        {
            return 1;
        }
    }

    // Errors that an operator can fix, in one line each.
    private static bool TryReport(Exception exception, TextWriter error)
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

    /// <summary>Writes the service's log about key servers to the error output of the command.</summary>
    private sealed class ErrorLines(TextWriter error) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => error.WriteLine(Printable(formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
