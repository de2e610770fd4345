using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Auth.Tests.Ldap;
using JitsiMesh.Kit.Directories;
using JitsiMesh.Mesh.Tests.UnderTest;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>Each cell of the table mode x situation in docs/authentication.md happens as it stands there, in one process, over real WebSockets.</summary>
public sealed class AuthenticationTableTests(AuthenticationTableTests.Meshes meshes) : IClassFixture<AuthenticationTableTests.Meshes>
{
    public static TheoryData<string, string> Cells => Of(mode => mode.Login != LoginKind.Directory);

    /// <summary>The modes in which what the address of the session says decides most; the others differ in auth alone.</summary>
    public static TheoryData<string, string> CellsOverBosh => Of(mode => mode.Name is "jwt" or "jwt, allow-empty" or "hybrid, guests");

    public static TheoryData<string, string> DirectoryCells => Of(mode => mode.Login == LoginKind.Directory);

    [Fact]
    public void The_table_has_every_mode_and_every_situation_that_is_tested_and_no_other()
    {
        Assert.Equal(AuthenticationMode.All.Select(mode => mode.Name), AuthenticationTable.Lines[0].Skip(1));
        Assert.Equal(AuthenticationSituation.All.Select(situation => situation.Name), AuthenticationTable.Lines.Skip(1).Select(line => line[0]));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public Task What_the_table_says_happens(string mode, string situation) => HappensAsync(mode, situation);

    [Theory]
    [MemberData(nameof(CellsOverBosh))]
    public Task What_the_table_says_happens_over_BOSH_too(string mode, string situation) => HappensAsync(mode, situation, overBosh: true);

    [SlapdTheory]
    [MemberData(nameof(DirectoryCells))]
    public Task What_the_table_says_of_a_directory_happens(string mode, string situation) => HappensAsync(mode, situation);

    private static TheoryData<string, string> Of(Func<AuthenticationMode, bool> isWanted)
    {
        var cells = new TheoryData<string, string>();
        foreach (var mode in AuthenticationMode.All.Where(isWanted))
        {
            foreach (var situation in AuthenticationSituation.All) cells.Add(mode.Name, situation.Name);
        }

        return cells;
    }

    private async Task HappensAsync(string mode, string situation, bool overBosh = false)
    {
        var wanted = AuthenticationSituation.Of(situation);
        await using var door = new AuthenticationDoor(AuthenticationMode.Of(mode), await meshes.OfAsync(AuthenticationMode.Of(mode)), FormattableString.Invariant($"room{meshes.NextRoom()}"), overBosh);
        Assert.Equal(AuthenticationTable.Cell(mode, situation), await wanted.Happens(door));
    }

    /// <summary>One mesh for each mode, started when its first cell is looked at.</summary>
    public sealed class Meshes : IAsyncLifetime, IAsyncDisposable
    {
        private readonly Dictionary<string, InProcessMesh> _meshes = new(StringComparer.Ordinal);
        private RunningSlapd? _directory;
        private int _rooms;

        internal int NextRoom() => ++_rooms;

        internal async Task<InProcessMesh> OfAsync(AuthenticationMode mode)
        {
            if (_meshes.TryGetValue(mode.Name, out var mesh)) return mesh;
            var settings = new Dictionary<string, string?>(mode.Settings);
            if (mode.Login == LoginKind.Directory)
            {
                _directory = new RunningSlapd(people: 20);
                await _directory.InitializeAsync();
                settings["LDAP_URL"] = _directory.Plain;
                settings["LDAP_BASE"] = "ou=people," + RunningSlapd.Suffix;
                settings["LDAP_BINDDN"] = RunningSlapd.ServiceName;
                settings["LDAP_BINDPW"] = RunningSlapd.ServicePassword;
            }

            mesh = _meshes[mode.Name] = await InProcessMesh.StartAsync(settings);
            if (mode.Login == LoginKind.Accounts)
            {
                var accounts = mesh.Services.GetRequiredService<AccountStore>();
                foreach (var name in (string[])[AuthenticationMode.Host, AuthenticationMode.Second]) Assert.True(await accounts.AddAsync(name, null, PasswordKeys.Of(AuthenticationMode.Password), CancellationToken.None));
            }

            return mesh;
        }

        public Task InitializeAsync() => Task.CompletedTask;

        Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

        public async ValueTask DisposeAsync()
        {
            foreach (var mesh in _meshes.Values) await mesh.DisposeAsync();
            if (_directory is not null) await _directory.DisposeAsync();
        }
    }
}
