using System.CommandLine;
using System.Globalization;
using JitsiMesh.Auth.Accounts;
using JitsiMesh.Auth.Accounts.Import;
using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.Commands;

/// <summary><c>users add | passwd | remove | list | import</c>: the accounts of users (AUTH_TYPE=internal).</summary>
internal static class UsersCommand
{
    private const string Name = "users";

    public static Command Create(CommandAccounts accounts) => new(Name, "Accounts of users who log in with a name and a password (AUTH_TYPE=internal). Changes take effect at once, without a restart.")
    {
        Add(accounts), Passwd(accounts), Remove(accounts), List(accounts), Import(accounts),
    };

    private static Command Add(CommandAccounts accounts)
    {
        var (user, stdin) = (NameArgument(), StdinOption());
        var displayName = new Option<string?>("--display-name") { Description = "The name shown to other participants; if missing, the name that the client sends" };
        var command = new Command("add", "Creates an account; asks for the password") { user, stdin, displayName };
        command.SetAction((parsed, cancellation) => accounts.RunAsync(Name, async (store, settings) =>
        {
            if (!TryName(accounts, parsed.GetValue(user)!, out var name)) return AuthCommands.Refused;
            var shown = parsed.GetValue(displayName)?.Trim();
            if (shown is { Length: 0 }) shown = null;
            if (shown is { Length: > AccountStore.DisplayNameCharacters } || shown?.Any(char.IsControl) == true)
            {
                return accounts.Refuse(Name, FormattableString.Invariant($"--display-name: at most {AccountStore.DisplayNameCharacters} characters, in one line"));
            }

            // Check before asking for the password.
            if (await store.FindAsync(name, cancellation) is not null) return accounts.Refuse(Name, $"there is an account '{name}' already (users passwd {name} changes its password)");
            if (!TryPassword(accounts, parsed.GetValue(stdin), out var password)) return AuthCommands.Refused;
            if (!await store.AddAsync(name, shown, PasswordKeys.Of(password), cancellation)) return accounts.Refuse(Name, $"there is an account '{name}' already");
            accounts.Console.Out.WriteLine($"Added {name}@{settings.XmppDomain}.");
            WarnIfUnused(accounts, settings);
            return 0;
        }, cancellation));
        return command;
    }

    private static Command Passwd(CommandAccounts accounts)
    {
        var (user, stdin) = (NameArgument(), StdinOption());
        var command = new Command("passwd", "Changes a password; open sessions continue") { user, stdin };
        command.SetAction((parsed, cancellation) => accounts.RunAsync(Name, async (store, settings) =>
        {
            if (!TryName(accounts, parsed.GetValue(user)!, out var name)) return AuthCommands.Refused;
            if (await store.FindAsync(name, cancellation) is null) return accounts.Refuse(Name, $"there is no account '{name}'");
            if (!TryPassword(accounts, parsed.GetValue(stdin), out var password)) return AuthCommands.Refused;
            if (!await store.SetKeysAsync(name, PasswordKeys.Of(password), cancellation)) return accounts.Refuse(Name, $"there is no account '{name}'");
            accounts.Console.Out.WriteLine($"Changed the password of {name}@{settings.XmppDomain}.");
            return 0;
        }, cancellation));
        return command;
    }

    private static Command Remove(CommandAccounts accounts)
    {
        var user = NameArgument();
        var command = new Command("remove", "Removes an account; its open sessions end within seconds") { user };
        command.SetAction((parsed, cancellation) => accounts.RunAsync(Name, async (store, settings) =>
        {
            if (!TryName(accounts, parsed.GetValue(user)!, out var name)) return AuthCommands.Refused;
            if (!await store.RemoveAsync(name, cancellation)) return accounts.Refuse(Name, $"there is no account '{name}'");
            accounts.Console.Out.WriteLine($"Removed {name}@{settings.XmppDomain}; its sessions end within seconds.");
            return 0;
        }, cancellation));
        return command;
    }

    private static Command List(CommandAccounts accounts)
    {
        var command = new Command("list", "Lists the accounts: name, mechanisms, when the password was set, display name");
        command.SetAction((_, cancellation) => accounts.RunAsync(Name, async (store, _) =>
        {
            var records = await store.ListAsync(cancellation);
            var width = Math.Max(4, records.Select(r => r.Name.Length).DefaultIfEmpty().Max());
            var output = accounts.Console.Out;
            if (records.Count > 0) output.WriteLine($"{"NAME".PadRight(width)}  {"SCRAM",-13}  {"PASSWORD SET (UTC)",-18}  DISPLAY NAME".TrimEnd());
            foreach (var record in records)
            {
                var hashes = string.Join(',', record.ToAccount().Keys.Select(k => k.Hash.Mechanism["SCRAM-".Length..]).Order(StringComparer.Ordinal));
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{record.Name.PadRight(width)}  {hashes,-13}  {record.ChangedAt:yyyy-MM-dd HH:mm}    {record.DisplayName}").TrimEnd());
            }

            accounts.Console.Error.WriteLine(records.Count == 1 ? "1 account" : FormattableString.Invariant($"{records.Count} accounts"));
            return 0;
        }, cancellation));
        return command;
    }

    private static Command Import(CommandAccounts accounts)
    {
        var path = new Argument<string>("path") { Description = "Prosody's data folder, or the folder accounts in it" };
        var replace = new Option<bool>("--replace") { Description = "Existing accounts get the keys of the file" };
        var command = new Command("import", "Imports the accounts of a Prosody server; their passwords remain valid") { path, replace };
        command.SetAction((parsed, cancellation) => accounts.RunAsync(Name, async (store, settings) =>
        {
            if (ProsodyAccounts.FolderOf(parsed.GetValue(path)!, settings.XmppDomain) is not { } folder)
            {
                return accounts.Refuse(Name, $"there are no accounts/*.dat of {settings.XmppDomain} in {parsed.GetValue(path)}");
            }

            int imported = 0, present = 0, refused = 0;
            foreach (var account in ProsodyAccounts.Read(folder))
            {
                if (account.Problem is not null)
                {
                    refused++;
                    accounts.Say(Name, $"{account.File} is not imported: {account.Problem}");
                }
                else if (await store.AddAsync(account.Name, null, account.Keys, cancellation, AccountChange.Imported)
                    || (parsed.GetValue(replace) && await store.SetKeysAsync(account.Name, account.Keys, cancellation, AccountChange.Imported)))
                {
                    imported++;
                    accounts.Console.Out.WriteLine($"{account.Name}: imported" + (account.Keys.Count == 1 ? $" ({account.Keys[0].Hash.Mechanism} and PLAIN until its password is set again)" : ""));
                }
                else
                {
                    present++;
                    accounts.Console.Out.WriteLine($"{account.Name}: exists already");
                }
            }

            accounts.Console.Out.WriteLine(FormattableString.Invariant($"{imported} imported, {present} existing, {refused} refused"));
            WarnIfUnused(accounts, settings);
            return refused == 0 ? 0 : AuthCommands.Refused;
        }, cancellation));
        return command;
    }

    private static Argument<string> NameArgument() => new("name") { Description = "The account's name, without @ and domain" };

    private static Option<bool> StdinOption() => new("--password-stdin") { Description = "Read the password from the first line of the standard input" };

    private static bool TryName(CommandAccounts accounts, string text, out string name)
    {
        if (AccountName.TryPrepare(text, out name)) return true;
        accounts.Say(Name, $"'{new string([.. text.Take(60).Select(c => char.IsControl(c) ? '?' : c)])}' is not a valid name: {AccountName.Rule}");
        return false;
    }

    private static bool TryPassword(CommandAccounts accounts, bool fromInput, out string password)
    {
        password = "";
        if (!fromInput && !accounts.Console.IsTerminal)
        {
            accounts.Say(Name, "there is no terminal to ask on; --password-stdin reads the password from the standard input");
            return false;
        }

        if (NewPassword.Read(accounts.Console, fromInput, out var problem) is not { } read)
        {
            accounts.Say(Name, problem);
            return false;
        }

        password = read;
        if (password.Length >= NewPassword.Characters) return true;
        accounts.Say(Name, FormattableString.Invariant($"a password has at least {NewPassword.Characters} characters"));
        return false;
    }

    private static void WarnIfUnused(CommandAccounts accounts, MeshSettings settings)
    {
        if (!settings.Get(KnownSettings.EnableAuth)) accounts.Say(Name, "note: ENABLE_AUTH is off, so no login is required");
        else if (settings.Get(KnownSettings.AuthType) != AuthenticationType.Internal && (settings.Get(KnownSettings.AuthType) != AuthenticationType.Hybrid || settings.IsSet(KnownSettings.LdapUrl))) accounts.Say(Name, "note: AUTH_TYPE is not internal, so these accounts are not used");
    }
}
