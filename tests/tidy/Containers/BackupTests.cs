using System.Diagnostics;

namespace JitsiMesh.Tidy.Tests.Containers;

/// <summary>./mesh backup and ./mesh restore in a folder of their own, without an engine: docker and pg_dump only write down what they are asked.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly Shell _shell = new Shell().With("mesh", "deploy/mesh/common.sh", "deploy/mesh/backup-common.sh", "deploy/mesh/backup.sh", "deploy/mesh/restore.sh", "Directory.Build.props");

    public BackupTests()
    {
        _shell.Command("docker", "exit 1");
        _shell.Write(".env", "CONFIG=./config\nJVB_AUTH_PASSWORD=0123456789\n");
        _shell.Write("config/web/custom-config.js", "config.answer = 42;");
        _shell.Write("config/web/keys/cert.key", "a key");
        _shell.Run("chmod", "600", "config/web/keys/cert.key");
    }

    public void Dispose() => _shell.Dispose();

    [Fact]
    public void What_was_kept_comes_back_and_what_was_there_is_moved_aside()
    {
        Demand("backup", "kept.tar.gz");
        Assert.Equal("600", _shell.Mode("kept.tar.gz"));
        _shell.Write(".env", "CONFIG=./config\nJVB_AUTH_PASSWORD=another\n");
        _shell.Write("config/web/custom-config.js", "config.answer = 41;");
        _shell.Write("config/web/new.txt", "made since");

        Demand("restore", "kept.tar.gz");

        Assert.Contains("0123456789", _shell.Read(".env"), StringComparison.Ordinal);
        Assert.Equal("config.answer = 42;", _shell.Read("config/web/custom-config.js"));
        Assert.False(File.Exists(_shell.At("config/web/new.txt")));
        Assert.Equal("600", _shell.Mode("config/web/keys/cert.key"));
        var aside = Assert.Single(Directory.GetDirectories(_shell.Folder, "config.before-*"));
        Assert.Equal("made since", File.ReadAllText(Path.Combine(aside, "web/new.txt")));
        Assert.Contains("another", File.ReadAllText(Assert.Single(Directory.GetFiles(_shell.Folder, ".env.before-*"))), StringComparison.Ordinal);
    }

    [NeedsToolFact("sqlite3")]
    public async Task Accounts_that_are_being_written_are_kept_whole()
    {
        Directory.CreateDirectory(_shell.At("config/auth/auth"));
        var start = new ProcessStartInfo("sqlite3", [_shell.At("config/auth/auth/accounts.db")]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var writer = Process.Start(start)!;

        // Open while it is kept, so that the row stands in the journal alone.
        await writer.StandardInput.WriteLineAsync("pragma journal_mode=wal; create table accounts(name); insert into accounts values('ada'); select 'written';");
        while (await writer.StandardOutput.ReadLineAsync() is { } line && line != "written") Assert.NotNull(line);
        try
        {
            Demand("backup", "kept.tar.gz");
        }
        finally
        {
            writer.StandardInput.Close();
            await writer.WaitForExitAsync();
        }

        Directory.Delete(_shell.At("config"), recursive: true);
        Demand("restore", "kept.tar.gz");

        Assert.Equal("ada", _shell.Run("sqlite3", _shell.At("config/auth/auth/accounts.db"), "select name from accounts").Output.Trim());
        Assert.Equal(["accounts.db"], Directory.GetFiles(_shell.At("config/auth/auth")).Select(Path.GetFileName));
    }

    [Fact]
    public void The_password_of_the_database_goes_to_pg_dump_by_a_file()
    {
        _shell.Write(".env", "CONFIG=./config\nMESH_ACCOUNTS_DATABASE=postgres://me:p%40ss+word@db.example:5433/accounts?sslmode=require\n");
        const string Recorder = """
            echo "$(basename "$0") $*" >>asked
            cp "$PGSERVICEFILE" service
            for argument in "$@"; do case "$argument" in --file=*) echo dump >"${argument#--file=}" ;; esac; done
            """;
        _shell.Command("pg_dump", Recorder);
        _shell.Command("pg_restore", Recorder);

        Demand("backup", "kept.tar.gz");
        Assert.Equal("[accounts]\nhost=db.example\nport=5433\ndbname=accounts\nuser=me\npassword=p@ss+word\nsslmode=require\n", _shell.Read("service"));
        Demand("restore", "kept.tar.gz");

        var asked = _shell.Read("asked");
        Assert.Contains("pg_dump --format=custom", asked, StringComparison.Ordinal);
        Assert.Contains("pg_restore --clean --if-exists", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("p@ss", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("p%40ss", asked, StringComparison.Ordinal);
    }

    [Fact]
    public void Volumes_of_documents_are_kept_and_come_back()
    {
        _shell.Command("docker", """
            case "$1 $*" in
              ps*compose.project\"*) echo meet ;;
              ps*) ;;
              volume*ls*volume=etherpad*) echo meet_etherpad ;;
              volume*) ;;
              run*-i*) cat >"$HOME/written" ;;
              run*) echo documents ;;
            esac
            """);

        Demand("backup", "kept.tar.gz");
        Demand("restore", "kept.tar.gz");

        Assert.Equal("documents\n", _shell.Read("written"));
    }

    [Fact]
    public void A_damaged_file_a_foreign_one_and_one_of_a_newer_version_change_nothing()
    {
        Demand("backup", "kept.tar.gz");
        var whole = File.ReadAllBytes(_shell.At("kept.tar.gz"));
        File.WriteAllBytes(_shell.At("half.tar.gz"), whole[..(whole.Length / 2)]);
        _shell.Write("text.tar.gz", "no archive");
        Unpack("kept.tar.gz", "changed");
        File.AppendAllText(_shell.At("changed/env"), "PUBLIC_URL=https://evil.example\n");
        Pack("changed", "changed.tar.gz");
        Unpack("kept.tar.gz", "newer");
        _shell.Write("newer/manifest", "format=1\nversion=99.0.0\n");
        Assert.Equal(0, _shell.Run("bash", "-c", "cd newer && rm sums && sha256sum * >../s && mv ../s sums").Code);
        Pack("newer", "newer.tar.gz");

        foreach (var (file, says) in new[] { ("half.tar.gz", "no backup"), ("text.tar.gz", "no backup"), ("changed.tar.gz", "damaged"), ("newer.tar.gz", "99.0.0") })
        {
            var (code, output) = _shell.Run("bash", "mesh", "restore", file);
            Assert.True(code == 1 && output.Contains(says, StringComparison.Ordinal), $"{file}: {code} {output}");
        }

        Assert.Empty(Directory.GetFileSystemEntries(_shell.Folder, "*.before-*"));
        Demand("restore", "newer.tar.gz", "--force");
    }

    [Fact]
    public void Nothing_is_put_under_containers_that_run_and_no_backup_is_overwritten()
    {
        Demand("backup", "kept.tar.gz");
        Assert.Equal(1, _shell.Run("bash", "mesh", "backup", "kept.tar.gz").Code);
        _shell.Command("docker", "[ \"$1\" = ps ] && echo 0123456789ab");

        var (code, output) = _shell.Run("bash", "mesh", "restore", "kept.tar.gz");

        Assert.Equal(1, code);
        Assert.Contains("docker compose down", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_shell.Folder, "*.before-*"));
        Assert.Empty(Directory.GetFileSystemEntries(_shell.Folder, ".backup.*"));
    }

    private void Demand(params string[] arguments)
    {
        var (code, output) = _shell.Run("bash", ["mesh", .. arguments]);
        Assert.True(code == 0, output);
    }

    private void Unpack(string file, string folder)
    {
        Directory.CreateDirectory(_shell.At(folder));
        Assert.Equal(0, _shell.Run("tar", "-C", folder, "-xzf", file).Code);
    }

    private void Pack(string folder, string file) => Assert.Equal(0, _shell.Run("tar", "-C", folder, "-czf", file, ".").Code);
}
