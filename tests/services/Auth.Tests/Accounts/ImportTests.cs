using System.Text;
using JitsiMesh.Auth.Accounts.Import;
using JitsiMesh.Auth.Tests.Kit;
using JitsiMesh.Primitives;

namespace JitsiMesh.Auth.Tests.Accounts;

/// <summary>Files as Prosody 0.12.3 wrote them, with the passwords that prosodyctl was given.</summary>
public sealed class ImportTests : IDisposable
{
    private const string AnnaPassword = "pässword \"1\"";

    private const string Anna = """
        return {
        	["iteration_count"] = 10000;
        	["salt"] = "6c242db9-8451-49e4-b589-74fc197caed4";
        	["server_key"] = "30bf7556585033553492f8b510dc55d974f1d6af";
        	["stored_key"] = "6d59d2037c948ad7dfd339cdd755348b02812ad2";
        };

        """;

    private const string Jose = """
        return {
        	["server_key"] = "0068e50277b43e3873f1cf84570ea32958744a06";
        	["iteration_count"] = 10000;
        	["stored_key"] = "0780c44ffb01429746aa2fcb04a64c4b83f18c99";
        	["salt"] = "1bd51aa7-99b3-4f0b-82b2-c41fd8328f93";
        };

        """;

    private const string Carl = """
        return {
        	["password"] = "line\\one \"two\" \195\169";
        };

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-import-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Imported_accounts_log_in_with_their_passwords()
    {
        Write("meet%2ejitsi", "anna%2eb.dat", Anna);
        Write("meet%2ejitsi", "jos%c3%a9.dat", Jose);
        Write("meet%2ejitsi", "carl.dat", Carl);
        Write("auth%2emeet%2ejitsi", "focus.dat", Anna);
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        foreach (var account in ProsodyAccounts.Read(ProsodyAccounts.FolderOf(_folder, "meet.jitsi")!))
        {
            Assert.Null(account.Problem);
            Assert.True(await auth.Accounts.AddAsync(account.Name, null, account.Keys, CancellationToken.None));
        }

        Assert.Equal(["anna.b", "carl", "josé"], (await auth.Accounts.ListAsync(CancellationToken.None)).Select(a => a.Name));
        Assert.Equal("anna.b", (await auth.ScramAsync("SCRAM-SHA-1", "anna.b", AnnaPassword)).Admitted.Username);
        Assert.Equal("anna.b", (await auth.PlainAsync("anna.b", AnnaPassword)).Admitted.Username);
        Assert.Equal("not-authorized", (await auth.PlainAsync("anna.b", "other-password")).Refused.Condition);
        Assert.Equal("josé", (await auth.ScramAsync("SCRAM-SHA-1", "josé", "other-password")).Admitted.Username);
        Assert.Equal("carl", (await auth.ScramAsync("SCRAM-SHA-256", "carl", "line\\one \"two\" é")).Admitted.Username);

        // There is no key of SHA-256 until the password is set here; until then a try is like a wrong one.
        Assert.Equal("not-authorized", (await auth.ScramAsync("SCRAM-SHA-256", "anna.b", AnnaPassword)).Refused.Condition);
        Assert.True(await auth.SetPasswordAsync("anna.b", "a new one"));
        Assert.Equal("anna.b", (await auth.ScramAsync("SCRAM-SHA-256", "anna.b", "a new one")).Admitted.Username);
        Assert.Equal("not-authorized", (await auth.ScramAsync("SCRAM-SHA-1", "anna.b", AnnaPassword)).Refused.Condition);
    }

    [Theory]
    [InlineData("a%40b.dat", Anna, "name")]
    [InlineData("a%2.dat", Anna, "name")]
    [InlineData("a%ff.dat", Anna, "name")]
    [InlineData("a.dat", "", "form")]
    [InlineData("a.dat", "return {", "form")]
    [InlineData("a.dat", "return os.execute('x')", "form")]
    [InlineData("a.dat", "return { [\"password\"] = \"x\" }; os.exit()", "form")]
    [InlineData("a.dat", "return { [\"password\"] = \"\\999\" };", "form")]
    [InlineData("a.dat", "return {{{{{{{{{{{{}}}}}}}}}}}};", "form")]
    [InlineData("a.dat", "return { };", "neither")]
    [InlineData("a.dat", "return { [\"password\"] = 7 };", "neither")]
    [InlineData("a.dat", "return { [\"password\"] = \"\" };", "characters")]
    [InlineData("a.dat", "return { [\"password\"] = \"a\\0b\" };", "characters")]
    [InlineData("a.dat", "return { [\"disabled\"] = true; [\"password\"] = \"long enough\" };", "disabled")]
    [InlineData("a.dat", "return { stored_key = \"00\", server_key = \"00\", salt = \"s\", iteration_count = 4096 };", "keys")]
    [InlineData("a.dat", "return { stored_key = \"0780c44ffb01429746aa2fcb04a64c4b83f18c99\", server_key = \"0780c44ffb01429746aa2fcb04a64c4b83f18c99\", salt = \"s\", iteration_count = 1e9 };", "iteration_count")]
    [InlineData("a.dat", "return { stored_key = \"0780c44ffb01429746aa2fcb04a64c4b83f18c99\", server_key = \"0780c44ffb01429746aa2fcb04a64c4b83f18c99\", salt = \"s\" };", "iteration_count")]
    public void A_file_that_is_no_account_is_named_with_its_fault(string file, string text, string fault)
    {
        Write("meet%2ejitsi", file, text);
        var account = Assert.Single(ProsodyAccounts.Read(ProsodyAccounts.FolderOf(_folder, "meet.jitsi")!));
        Assert.Equal(file, account.File);
        Assert.Contains(fault, account.Problem, StringComparison.Ordinal);
        Assert.Empty(account.Keys);
    }

    [Fact]
    public void The_folder_is_found_from_the_data_folder_the_domains_and_the_accounts_own()
    {
        Write("meet%2ejitsi", "carl.dat", Carl);
        var accounts = Path.Combine(_folder, "meet%2ejitsi", "accounts");
        foreach (var path in new[] { _folder, Path.GetDirectoryName(accounts)!, accounts }) Assert.Equal(accounts, ProsodyAccounts.FolderOf(path, "meet.jitsi"));
        Assert.Null(ProsodyAccounts.FolderOf(_folder, "other.example"));
        Assert.Null(ProsodyAccounts.FolderOf(Path.Combine(_folder, "nowhere"), "meet.jitsi"));
    }

    [Fact]
    public void Mutated_files_do_no_harm()
    {
        var random = new SeededRandomSource(12);
        foreach (var sample in new[] { Anna, Carl, "return { a = { [1] = 'x', \"y\"; z = -1.5e3 }, -- note\n b = false }" })
        {
            for (var round = 0; round < 2000; round++)
            {
                var characters = sample.ToList();
                for (var i = random.NextInt(3); i >= 0; i--)
                {
                    var at = random.NextInt(characters.Count);
                    if (random.NextInt(2) == 0) characters[at] = (char)random.NextInt(256);
                    else characters.InsertRange(at, "{[\"\\x0\\1]}=;-"[random.NextInt(13)..]);
                }

                _ = LuaTable.TryRead(new string([.. characters]), out _);
            }
        }
    }

    private void Write(string domain, string file, string text)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, domain, "accounts")).FullName;
        File.WriteAllBytes(Path.Combine(folder, file), Encoding.UTF8.GetBytes(text));
    }
}
