using System.CommandLine;
using System.CommandLine.Help;
using System.Data.Common;
using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Auth.SystemTokens;
using JitsiMesh.Auth.Tokens;
using JitsiMesh.Hosting.Settings;
using Microsoft.EntityFrameworkCore;

namespace JitsiMesh.Auth.Commands;

/// <summary>
/// Account commands, run beside the service on its database. Exit codes: 0 for success, 1 when the command fails, 2 for a usage error, 3 when
/// the database cannot be used.
/// </summary>
public static class AuthCommands
{
    public const int Refused = 1;
    public const int NotUnderstood = 2;
    public const int NoDatabase = 3;

    public static bool Handles(IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return args is ["users" or "prosodyctl", ..];
    }

    /// <summary><c>token make</c> and <c>token check</c>.</summary>
    public static Command Tokens(Func<MeshSettings> loadSettings, TextReader input, TextWriter output, TextWriter error) =>
        TokenCommand.Create(loadSettings, TimeProvider.System, input, output, error, SystemTokenModule.OptionsOf);

    public static Task<int> RunAsync(string[] args) => RunAsync(args, CommandConsole.OfProcess, () => MeshSettings.FromEnvironment("auth"));

    /// <param name="args">The command's name and its arguments.</param>
    /// <param name="console">Input and output of the command.</param>
    /// <param name="settings">Read after the command line was parsed.</param>
    internal static async Task<int> RunAsync(string[] args, CommandConsole console, Func<MeshSettings> settings)
    {
        var accounts = new CommandAccounts(console, settings);
        // Not a RootCommand: its help would show the file name of the program.
        var root = new Command("mesh") { new HelpOption(), UsersCommand.Create(accounts), ProsodyctlCommand.Create(accounts) };
        var parsed = root.Parse(args);
        var output = new InvocationConfiguration { Output = console.Out, Error = console.Error, EnableDefaultExceptionHandler = false };
        var code = await parsed.InvokeAsync(output);
        return parsed.Errors.Count > 0 ? NotUnderstood : code;
    }
}

/// <summary>The accounts for commands: opened after the command line was parsed, with errors as lines.</summary>
internal sealed class CommandAccounts(CommandConsole console, Func<MeshSettings> settings)
{
    public CommandConsole Console => console;

    /// <param name="name">The command's name, printed before each error line.</param>
    /// <param name="run">Returns the exit code.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public async Task<int> RunAsync(string name, Func<AccountStore, MeshSettings, Task<int>> run, CancellationToken cancellation)
    {
        AccountsDatabase? database = null;
        try
        {
            var known = settings();
            database = AccountsDatabase.Of(known);
            await database.OpenAsync(cancellation);
            return await run(new AccountStore(database, TimeProvider.System), known);
        }
        catch (SettingsException refusal)
        {
            foreach (var problem in refusal.Problems) Say(name, problem);
            return AuthCommands.NoDatabase;
        }
        catch (Exception exception) when (exception is DbException or DbUpdateException or TimeoutException or IOException)
        {
            Say(name, $"the accounts' database {database?.Description} cannot be used: {exception.GetBaseException().Message}");
            return AuthCommands.NoDatabase;
        }
    }

    public int Refuse(string name, string problem)
    {
        Say(name, problem);
        return AuthCommands.Refused;
    }

    public void Say(string name, string line) => console.Error.WriteLine($"{name}: {line}");
}
