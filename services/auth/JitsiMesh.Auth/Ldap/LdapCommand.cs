using System.CommandLine;
using System.Text;
using JitsiMesh.Auth.Ldap.Connections;
using JitsiMesh.Auth.Ldap.Logins;
using JitsiMesh.Auth.Ldap.Protocol;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Auth.Ldap;

/// <summary><c>ldap test USER</c>: one login with the settings of this process, with one output line for each step. The exit code is 1 where a step failed, 2 for a usage error.</summary>
public static class LdapCommand
{
    private const string Name = "ldap";

    public static bool Handles(IReadOnlyList<string> args) => args is [Name, ..];

    public static Task<int> RunAsync(IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return RunAsync([.. args.Skip(1)], () => MeshSettings.FromEnvironment("auth"), Console.Out, Console.In);
    }

    internal static async Task<int> RunAsync(string[] args, Func<MeshSettings> readSettings, TextWriter output, TextReader input)
    {
        var user = new Argument<string>("user") { Description = "The login name, as users type it" };
        var fromInput = new Option<bool>("--password-stdin") { Description = "Read the password from the first line of the standard input; without it, no password is checked" };
        var test = new Command("test", "Tries a login and reports for each step whether it succeeded, and otherwise which setting to check") { user, fromInput };
        test.SetAction(async (parsed, _) => await TestAsync(parsed.GetValue(user)!, parsed.GetValue(fromInput) ? await input.ReadLineAsync(CancellationToken.None) ?? "" : null, readSettings, output));
        var root = new RootCommand("The directory of AUTH_TYPE=ldap") { test };
        var result = root.Parse(args);
        return result.Errors.Count > 0 ? Math.Max(2, await result.InvokeAsync()) : await result.InvokeAsync();
    }

    private static async Task<int> TestAsync(string user, string? password, Func<MeshSettings> readSettings, TextWriter output)
    {
        var steps = new Steps(output);
        LdapOptions options;
        try
        {
            options = LdapOptions.Read(readSettings());
        }
        catch (SettingsException refusal)
        {
            foreach (var problem in refusal.Problems) steps.Failed("settings", problem, null);
            return 1;
        }

        steps.Worked("settings", $"{string.Join(' ', options.Connection.Servers)}, method {options.Login.Method.ToString().ToLowerInvariant()}");
        foreach (var note in options.Notes) steps.Note(note);
        if (!LoginName.TryCreate(user, options.Login.Realm, out var name))
        {
            steps.Failed("name", $"'{user}' is not a login name: the part after an @ must be {options.Login.Realm}, and the part before it the local part of a JID", "LDAP_REALM");
            return 1;
        }

        steps.Worked("name", $"session {name.Local}");
        steps.Note((options.Login.Method == LdapAuthMethod.Fastbind ? "binds as: " : "searches for: ")
            + LoginTemplate.Expand(options.Login.Template, name, options.Login.Method == LdapAuthMethod.Fastbind ? LdapText.EscapeForName : LdapText.EscapeForFilter));
        return await LoginAsync(options, name, password, steps);
    }

    private static async Task<int> LoginAsync(LdapOptions options, LoginName name, string? password, Steps steps)
    {
        await using var pool = new LdapPool(options.Connection, TimeProvider.System, NullLogger.Instance);
        using var limit = new CancellationTokenSource(LdapLimits.Login);
        try
        {
            var outcome = await new LdapLogin(options.Login, pool, new RefusalPace(TimeProvider.System)).CheckAsync(name, password, steps, limit.Token);
            if (outcome.Kind != LdapOutcomeKind.Admitted)
            {
                var (step, setting) = outcome.Kind switch
                {
                    LdapOutcomeKind.UnknownUser or LdapOutcomeKind.AmbiguousUser => ("hits", "LDAP_BASE, LDAP_FILTER"),
                    _ when password is null => ("user bind", "--password-stdin"),
                    _ when options.Login.Method == LdapAuthMethod.Custom => ("password", null),
                    _ => ("user bind", (string?)null),
                };
                steps.Failed(step, outcome.Detail, setting);
                return 1;
            }

            if (password is null) steps.Note("user bind: not tried (--password-stdin)");
            else steps.Worked(options.Login.Method == LdapAuthMethod.Custom ? "password" : "user bind", "the password is right");
            steps.Worked("groups", Describe(outcome.Person!, options.Login));
            return 0;
        }
        catch (LdapException failure)
        {
            steps.Failed(failure.Fault switch
            {
                LdapFault.CertificateRefused or LdapFault.TlsFailed => "TLS",
                LdapFault.ServiceBindFailed => "service bind",
                LdapFault.SearchFailed => "search",
                LdapFault.Unreachable => "connect",
                _ => "answer",
            }, failure.Message, failure.Setting);
            return 1;
        }
    }

    private static string Describe(LdapPerson person, LdapLoginSettings settings)
    {
        var text = new StringBuilder();
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"name '{person.Name ?? ""}', mail '{person.Mail ?? ""}', moderator: ");
        text.Append(person.Moderator switch { true => "yes", false => "no", _ => "not decided (LDAP_MODERATOR_GROUPS)" });
        if (settings.FeatureGroups.Count > 0) text.Append(", features: ").AppendJoin(' ', person.Features.Select(f => f.Key + (f.Value ? "=yes" : "=no")));
        return text.ToString();
    }

    private sealed class Steps(TextWriter output) : ILdapObserver
    {
        public void Worked(string step, string detail) => output.WriteLine($"ok      {step}: {detail}");

        public void Failed(string step, string detail, string? setting) => output.WriteLine($"failed  {step}: {detail}{(setting is null ? "" : $" (look at {setting})")}");

        public void Note(string text) => output.WriteLine($"        {text}");

        public void Connected(LdapServer server) => Worked("connect", server.ToString());

        public void Encrypted(LdapServer server, string version, string cipher, bool verified) =>
            Worked("TLS", $"{version}, {cipher}, {(verified ? "certificate verified" : "certificate NOT verified (LDAP_TLS_CHECK_PEER=0)")}");

        public void ServiceBound(LdapServer server, bool anonymous) => Worked("service bind", anonymous ? "anonymous (LDAP_BINDDN is not set)" : "the search account is accepted");

        public void GaveUp(LdapException failure) => Failed("server", failure.Message, failure.Setting);

        public void Searched(int hits, LdapEntry? hit) => Worked("search", hit is null ? FormattableString.Invariant($"{hits} hits") : $"1 hit: {hit.Name}");
    }
}
