using System.Diagnostics;
using JitsiMesh.Auth.Commands;
using JitsiMesh.Auth.Tests.Kit;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Auth.Tests.Commands;

public sealed class UsersCommandTests
{
    [Fact]
    public async Task As_a_process_a_user_is_added_while_auth_runs_and_logs_in_at_once()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        var added = await ProcessAsync(auth, "the password of anna\n", "users", "add", "Anna.B", "--password-stdin", "--display-name", "Anna B");
        Assert.Equal((0, "Added anna.b@meet.jitsi.\n", ""), added);
        Assert.Equal("anna.b", (await auth.ScramAsync("SCRAM-SHA-1", "anna.b", "the password of anna")).Admitted.Username);

        var removed = await ProcessAsync(auth, "", "users", "remove", "anna.b");
        Assert.Equal((0, "Removed anna.b@meet.jitsi; its sessions end within seconds.\n", ""), removed);
        Assert.Equal("not-authorized", (await auth.ScramAsync("SCRAM-SHA-1", "anna.b", "the password of anna")).Refused.Condition);
    }

    [Fact]
    public async Task As_a_process_prosodyctl_takes_todays_arguments()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        Assert.Equal((0, "", ""), await ProcessAsync(auth, "", "prosodyctl", "--config", "/config/prosody.cfg.lua", "register", "bob", "meet.jitsi", "bobs password"));
        Assert.Equal("bob", (await auth.PlainAsync("bob", "bobs password")).Admitted.Username);
        Assert.Equal((0, "", ""), await ProcessAsync(auth, "", "prosodyctl", "--config", "/config/prosody.cfg.lua", "unregister", "bob", "meet.jitsi"));
        Assert.Equal("not-authorized", (await auth.PlainAsync("bob", "bobs password")).Refused.Condition);
    }

    [Fact]
    public async Task Each_verb_says_what_it_did_and_ends_with_0()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        Assert.Equal((0, "Added anna@meet.jitsi.\n", ""), await RunAsync(auth, "password 1\n", "users add anna --password-stdin"));
        Assert.Equal((0, "Changed the password of anna@meet.jitsi.\n", ""), await RunAsync(auth, "password 2\n", "users passwd anna --password-stdin"));
        var (code, list, note) = await RunAsync(auth, "", "users list");
        Assert.Equal((0, "1 account\n"), (code, note));
        Assert.Matches(@"^NAME  SCRAM          PASSWORD SET \(UTC\)  DISPLAY NAME\nanna  SHA-1,SHA-256  \d{4}-\d\d-\d\d \d\d:\d\d\n$", list);
        Assert.Equal((0, "Removed anna@meet.jitsi; its sessions end within seconds.\n", ""), await RunAsync(auth, "", "users remove ANNA"));
        Assert.Equal((0, "", "0 accounts\n"), await RunAsync(auth, "", "users list"));
    }

    [Theory]
    [InlineData("users add a@b --password-stdin", "good password", 1, "is not a valid name: a name has 1 to 128 letters")]
    [InlineData("users add 'a --password-stdin", "good password", 1, "is not a valid name")]
    [InlineData("users add anna --password-stdin", "good password", 1, "there is an account 'anna' already")]
    [InlineData("users add bob --password-stdin", "short", 1, "a password has at least 8 characters")]
    [InlineData("users add bob --password-stdin", "", 1, "no password was given")]
    [InlineData("users add bob --password-stdin", "con\u0007trol char", 1, "cannot be typed")]
    [InlineData("users add bob", "good password", 1, "there is no terminal to ask on")]
    [InlineData("users passwd bob --password-stdin", "good password", 1, "there is no account 'bob'")]
    [InlineData("users remove bob", "", 1, "there is no account 'bob'")]
    [InlineData("users import /nowhere", "", 1, "there are no accounts/*.dat of meet.jitsi in /nowhere")]
    [InlineData("users add", "", 2, "Required argument")]
    [InlineData("users dance", "", 2, "dance")]
    [InlineData("users", "", 2, "Required command")]
    [InlineData("prosodyctl register anna other.example good-password", "", 1, "users log in on meet.jitsi, not on 'other.example'")]
    [InlineData("prosodyctl register focus auth.meet.jitsi good-password", "", 1, "are settings")]
    [InlineData("prosodyctl register a/b meet.jitsi good-password", "", 1, "invalid name")]
    [InlineData("prosodyctl unregister bob meet.jitsi", "", 1, "That user does not exist")]
    [InlineData("prosodyctl adduser anna@meet.jitsi", "good password", 1, "That user already exists")]
    [InlineData("prosodyctl adduser bob@meet.jitsi", "good password\nanother password", 1, "the two passwords differ")]
    [InlineData("prosodyctl adduser bob", "good password", 1, "a JID is name@domain")]
    [InlineData("prosodyctl deluser bob@meet.jitsi", "", 1, "That user does not exist")]
    [InlineData("prosodyctl passwd bob@meet.jitsi", "good password", 1, "That user does not exist")]
    [InlineData("prosodyctl reload", "", 2, "reload")]
    public async Task What_is_not_possible_is_said_in_a_line_and_with_the_exit_code(string command, string input, int code, string said)
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        await auth.AddAsync("anna", "anna's password");
        var (ended, _, error) = await RunAsync(auth, input, command);
        Assert.Equal(code, ended);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Equal(["anna"], (await auth.Accounts.ListAsync(CancellationToken.None)).Select(a => a.Name));
        Assert.Equal("anna", (await auth.PlainAsync("anna", "anna's password")).Admitted.Username);
    }

    [Fact]
    public async Task The_verbs_of_prosodyctl_print_nothing_and_register_sets_the_password_of_who_is_there()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        Assert.Equal((0, "", ""), await RunAsync(auth, "password 1\npassword 1\n", "prosodyctl adduser anna@meet.jitsi"));
        Assert.Equal("anna", (await auth.PlainAsync("anna", "password 1")).Admitted.Username);
        Assert.Equal((0, "", ""), await RunAsync(auth, "password 2\n", "prosodyctl passwd anna@meet.jitsi"));
        Assert.Equal("anna", (await auth.PlainAsync("anna", "password 2")).Admitted.Username);
        Assert.Equal((0, "", ""), await RunAsync(auth, "password 3\n", "prosodyctl --config /x register anna meet.jitsi"));
        Assert.Equal("anna", (await auth.PlainAsync("anna", "password 3")).Admitted.Username);
        Assert.Equal((0, "", ""), await RunAsync(auth, "", "prosodyctl deluser anna@MEET.jitsi"));
        Assert.Empty(await auth.Accounts.ListAsync(CancellationToken.None));
    }

    [Fact]
    public async Task On_a_terminal_the_password_is_asked_twice_and_not_shown()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        var (code, output, error) = await TypeAsync(auth, "users add anna", "typed pasx\bsword\rtyped password\r");
        Assert.Equal((0, "Added anna@meet.jitsi.\n", "Password: \nOnce more: \n"), (code, output, error));
        Assert.Equal("anna", (await auth.PlainAsync("anna", "typed password")).Admitted.Username);
        (code, _, error) = await TypeAsync(auth, "users passwd anna", "one password\ranother password\r");
        Assert.Equal(1, code);
        Assert.EndsWith("users: the two passwords differ\n", error, StringComparison.Ordinal);
        (code, _, error) = await TypeAsync(auth, "users passwd anna", "one pass\u001b");
        Assert.Equal(1, code);
        Assert.EndsWith("users: no password was given\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accounts_of_a_Prosody_are_imported_once()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        var folder = Directory.CreateDirectory(Path.Combine(auth.Folder, "data", "meet%2ejitsi", "accounts")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "carl.dat"), "return { [\"password\"] = \"carl's password\"; };");
        await File.WriteAllTextAsync(Path.Combine(folder, "bad.dat"), "return nil");
        var (code, output, error) = await RunAsync(auth, "", $"users import {auth.Folder}");
        Assert.Equal((1, "carl: imported\n1 imported, 0 existing, 1 refused\n", "users: bad.dat is not imported: the file is not in Prosody's format\n"), (code, output, error));
        File.Delete(Path.Combine(folder, "bad.dat"));
        Assert.Equal((0, "carl: exists already\n0 imported, 1 existing, 0 refused\n", ""), await RunAsync(auth, "", $"users import {folder}"));
        await auth.SetPasswordAsync("carl", "another password");
        Assert.Equal((0, "carl: imported\n1 imported, 0 existing, 0 refused\n", ""), await RunAsync(auth, "", $"users import {folder} --replace"));
        Assert.Equal("carl", (await auth.PlainAsync("carl", "carl's password")).Admitted.Username);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_said_without_its_password()
    {
        var settings = MeshSettings.From([new("MESH_ACCOUNTS_DATABASE", "postgres://mesh:secretsecret@127.0.0.1:1/db"), new("ENABLE_AUTH", "1")]);
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await AuthCommands.RunAsync(["users", "list"], new CommandConsole(new StringReader(""), output, error, false, () => default), () => settings);
        Assert.Equal((3, ""), (code, output.ToString()));
        Assert.StartsWith("users: the accounts' database postgres://127.0.0.1:1/db cannot be used: ", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secretsecret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_names_every_verb()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        var (code, output, _) = await RunAsync(auth, "", "users --help");
        Assert.Equal(0, code);
        Assert.All((string[])["mesh users [command]", "add <name>", "passwd <name>", "remove <name>", "list", "import <path>"], text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(AuthModuleUnderTest auth, string input, string command)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await AuthCommands.RunAsync(command.Split(' '), new CommandConsole(new StringReader(input), output, error, false, () => throw new InvalidOperationException("no terminal")), () => auth.Settings);
        return (code, output.ToString(), error.ToString());
    }

    private static async Task<(int Code, string Output, string Error)> TypeAsync(AuthModuleUnderTest auth, string command, string typed)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var at = 0;
        var console = new CommandConsole(TextReader.Null, output, error, true, () => typed[at++] switch
        {
            '\r' => new ConsoleKeyInfo('\r', ConsoleKey.Enter, false, false, false),
            '\b' => new ConsoleKeyInfo('\b', ConsoleKey.Backspace, false, false, false),
            '\u001b' => new ConsoleKeyInfo('\u001b', ConsoleKey.Escape, false, false, false),
            var c => new ConsoleKeyInfo(c, ConsoleKey.None, false, false, false),
        });
        return (await AuthCommands.RunAsync(command.Split(' '), console, () => auth.Settings), output.ToString(), error.ToString());
    }

    private static async Task<(int Code, string Output, string Error)> ProcessAsync(AuthModuleUnderTest auth, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Tree.Built("JitsiMesh.Auth.Host"), .. arguments])
        {
            WorkingDirectory = auth.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["CONFIG"] = auth.Folder;
        start.Environment["ENABLE_AUTH"] = "1";
        start.Environment["AUTH_TYPE"] = "internal";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await error);
    }
}
