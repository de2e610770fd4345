using System.CommandLine;
using JitsiMesh.Auth.Accounts;
using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Auth.Commands;

/// <summary>
/// The verbs of prosodyctl that scripts for Jitsi use, with the same arguments and behaviour: it prints nothing on success, and <c>register</c> sets the
/// password of an existing account.
/// </summary>
internal static class ProsodyctlCommand
{
    private const string Name = "prosodyctl";

    public static Command Create(CommandAccounts accounts)
    {
        var config = new Option<string?>("--config") { Description = "Accepted and ignored: the settings of JitsiMesh are used", Recursive = true };
        return new Command(Name, "Prosody's command for accounts, as scripts for Jitsi call it")
        {
            config, Register(accounts), Unregister(accounts), AddUser(accounts), DelUser(accounts), Passwd(accounts),
        };
    }

    private static Command Register(CommandAccounts accounts)
    {
        var (user, host) = (new Argument<string>("name"), new Argument<string>("host"));
        var password = new Argument<string?>("password") { Arity = ArgumentArity.ZeroOrOne, Description = "If missing, asked for or read from the standard input; every process of the machine can read an argument" };
        var command = new Command("register", "Creates an account, or sets its password") { user, host, password };
        command.SetAction((parsed, cancellation) => accounts.RunAsync(Name, async (store, settings) =>
        {
            if (!TryAccount(accounts, settings, parsed.GetValue(user)!, parsed.GetValue(host)!, out var name)) return AuthCommands.Refused;
            if (!TryPassword(accounts, parsed.GetValue(password), out var prepared)) return AuthCommands.Refused;
            var keys = PasswordKeys.Of(prepared);
            if (!await store.AddAsync(name, null, keys, cancellation)) await store.SetKeysAsync(name, keys, cancellation);
            return 0;
        }, cancellation));
        return command;
    }

    private static Command Unregister(CommandAccounts accounts)
    {
        var (user, host) = (new Argument<string>("name"), new Argument<string>("host"));
        var command = new Command("unregister", "Removes an account") { user, host };
        command.SetAction((parsed, cancellation) => RemoveAsync(accounts, parsed.GetValue(user)!, parsed.GetValue(host)!, cancellation));
        return command;
    }

    private static Command AddUser(CommandAccounts accounts) => OfJid(accounts, "adduser", "Creates an account; asks for the password", async (store, name, cancellation) =>
    {
        if (await store.FindAsync(name, cancellation) is not null) return accounts.Refuse(Name, "That user already exists");
        if (!TryPassword(accounts, null, out var password)) return AuthCommands.Refused;
        return await store.AddAsync(name, null, PasswordKeys.Of(password), cancellation) ? 0 : accounts.Refuse(Name, "That user already exists");
    });

    private static Command DelUser(CommandAccounts accounts) => OfJid(accounts, "deluser", "Removes an account", async (store, name, cancellation) =>
        await store.RemoveAsync(name, cancellation) ? 0 : accounts.Refuse(Name, "That user does not exist"));

    private static Command Passwd(CommandAccounts accounts) => OfJid(accounts, "passwd", "Changes a password; asks for it", async (store, name, cancellation) =>
    {
        if (await store.FindAsync(name, cancellation) is null) return accounts.Refuse(Name, "That user does not exist, use prosodyctl adduser to create a new user");
        if (!TryPassword(accounts, null, out var password)) return AuthCommands.Refused;
        return await store.SetKeysAsync(name, PasswordKeys.Of(password), cancellation) ? 0 : accounts.Refuse(Name, "That user does not exist");
    });

    private static Command OfJid(CommandAccounts accounts, string verb, string description, Func<AccountStore, string, CancellationToken, Task<int>> run)
    {
        var jid = new Argument<string>("jid") { Description = "name@domain" };
        var command = new Command(verb, description) { jid };
        command.SetAction((parsed, cancellation) => accounts.RunAsync(Name, async (store, settings) =>
        {
            var parts = parsed.GetValue(jid)!.Split('@');
            if (parts.Length != 2) return accounts.Refuse(Name, "a JID is name@domain");
            return TryAccount(accounts, settings, parts[0], parts[1], out var name) ? await run(store, name, cancellation) : AuthCommands.Refused;
        }, cancellation));
        return command;
    }

    private static Task<int> RemoveAsync(CommandAccounts accounts, string user, string host, CancellationToken cancellation) => accounts.RunAsync(Name, async (store, settings) =>
    {
        if (!TryAccount(accounts, settings, user, host, out var name)) return AuthCommands.Refused;
        return await store.RemoveAsync(name, cancellation) ? 0 : accounts.Refuse(Name, "That user does not exist");
    }, cancellation);

    private static bool TryAccount(CommandAccounts accounts, MeshSettings settings, string user, string host, out string name)
    {
        name = "";
        if (!JidPreparation.TryDomain(host, out var domain)) domain = host;
        if (Same(domain, settings.XmppAuthDomain) || Same(domain, settings.XmppHiddenDomain)) accounts.Say(Name, $"accounts on {domain} are settings (JIBRI_XMPP_USER, JIGASI_XMPP_USER and similar ones in env.example): no registration is needed");
        else if (!Same(domain, settings.XmppDomain)) accounts.Say(Name, $"users log in on {settings.XmppDomain}, not on '{new string([.. host.Take(60).Select(c => char.IsControl(c) ? '?' : c)])}'");
        else if (!AccountName.TryPrepare(user, out name)) accounts.Say(Name, $"invalid name: {AccountName.Rule}");
        else return true;
        return false;
    }

    // Prosody has no minimum length, and scripts have existing passwords.
    private static bool TryPassword(CommandAccounts accounts, string? argument, out string password)
    {
        var read = argument is { Length: > 0 } ? NewPassword.Prepare(argument, out var problem) : NewPassword.Read(accounts.Console, fromInput: false, out problem);
        password = read ?? "";
        if (read is null) accounts.Say(Name, problem);
        else if (read.Length < NewPassword.Characters) accounts.Say(Name, FormattableString.Invariant($"note: a password of fewer than {NewPassword.Characters} characters is easily guessed"));
        return read is not null;
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
