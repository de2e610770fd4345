using System.Collections.Concurrent;
using System.Globalization;
using JitsiMesh.EdgeProxy.Certificates;
using JitsiMesh.EdgeProxy.Certificates.Acme;
using JitsiMesh.EdgeProxy.Tests.Kit;
using JitsiMesh.Hosting.Certificates;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Acme;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.EdgeProxy.Tests.Certificates.Acme;

/// <summary>Days of an edge in virtual time, against an authority behind real HTTPS.</summary>
public sealed class CertificateKeeperTests : IAsyncLifetime, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-keeper-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CertificateMetrics _metrics = new();
    private readonly Lines _log = new();
    private RunningAuthority _authority = null!;

    public async Task InitializeAsync() => _authority = await RunningAuthority.StartAsync(_time);

    public async Task DisposeAsync() => await _authority.DisposeAsync();

    [Theory]
    [InlineData(AuthorityFault.RefusedOrders, "refused", 3)]
    [InlineData(AuthorityFault.FailedChallenges, "challenge-failed", 3)]
    [InlineData(AuthorityFault.ServerErrors, "server-error", 0)]
    [InlineData(AuthorityFault.BadNonces, "bad-nonce", 0)]
    [InlineData(AuthorityFault.RateLimit, "rate-limited", 3)]
    [InlineData(AuthorityFault.MalformedChain, "bad-chain", 3)]
    [InlineData(AuthorityFault.HugeAnswers, "too-large", 0)]
    [InlineData(AuthorityFault.ForeignUrls, "malformed", 0)]
    [InlineData(AuthorityFault.EndlessProcessing, "timeout", 3)]
    public async Task On_the_first_day_a_failing_authority_is_asked_for_three_orders_at_most_and_the_site_stays_up(AuthorityFault fault, string reason, int most)
    {
        _authority.Authority.Fault = fault;
        var began = _time.GetUtcNow();

        // Each step is another process: nothing is remembered but by the folder.
        var steps = 0;
        for (; _time.GetUtcNow() - began < TimeSpan.FromHours(24); steps++)
        {
            var edge = New();
            _time.Advance(await edge.Keeper.StepAsync(CancellationToken.None));
            Assert.StartsWith("CN=JitsiMesh self-signed", edge.Provider.Current.TargetCertificate.Subject, StringComparison.Ordinal);
        }

        var firstDay = _authority.Authority.Orders.Count(at => at - began < TimeSpan.FromHours(24));
        Assert.True(firstDay <= most && (most == 0 || firstDay > 0), $"{firstDay} orders in {steps} steps");
        var line = _log.All.First(l => l.StartsWith("ACME: no certificate", StringComparison.Ordinal));
        Assert.Contains($"({reason}): ", line, StringComparison.Ordinal);
        Assert.Contains("the site keeps the self-signed certificate", line, StringComparison.Ordinal);
        Assert.Equal(reason, Plan().Folder!.ReadState(Plan().Names).LastError!.Reason);
    }

    [Fact]
    public async Task A_hanging_authority_takes_nothing_but_its_time()
    {
        _authority.Hangs = true;
        var edge = New();
        var step = edge.Keeper.StepAsync(CancellationToken.None);
        while (!step.IsCompleted)
        {
            if (await Task.WhenAny(step, _authority.Hanging.WaitAsync()) != step) _time.Advance(TimeSpan.FromSeconds(31));
        }

        Assert.InRange(await step, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
        Assert.Contains("timeout", Assert.Single(_log.All, l => l.StartsWith("ACME: no certificate", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edge_that_restarts_each_minute_makes_three_orders_and_not_more()
    {
        _authority.Authority.Fault = AuthorityFault.FailedChallenges;
        // Beyond the first hours each ten minutes but in the full run: nothing else happens then.
        var isFull = Environment.GetEnvironmentVariable("MESH_TEST_MODE") == "full";
        for (var minute = 0; minute < 24 * 60;)
        {
            await New().Keeper.StepAsync(CancellationToken.None);
            var pause = isFull || minute < 3 * 60 ? 1 : 10;
            _time.Advance(TimeSpan.FromMinutes(pause));
            minute += pause;
        }

        Assert.InRange(_authority.Authority.Orders.Count, 2, 3);
    }

    [Fact]
    public async Task A_year_has_six_orders_and_each_certificate_is_there_before_the_last_one_ends()
    {
        var began = _time.GetUtcNow();
        var edge = New();
        await edge.Keeper.StepAsync(CancellationToken.None);
        while (_time.GetUtcNow() - began < TimeSpan.FromDays(365))
        {
            _time.Advance(TimeSpan.FromHours(6));
            await edge.Keeper.StepAsync(CancellationToken.None);
            Assert.True(edge.Provider.Current.TargetCertificate.NotAfter.ToUniversalTime() - _time.GetUtcNow().UtcDateTime > TimeSpan.FromDays(20));
        }

        Assert.InRange(_authority.Authority.Issued, 6, 7);
        Assert.Equal(1, _authority.Authority.Accounts);
    }

    [Fact]
    public async Task A_renewal_that_fails_leaves_the_last_good_certificate_and_comes_again()
    {
        var edge = New();
        await edge.Keeper.StepAsync(CancellationToken.None);
        var good = edge.Provider.Current.TargetCertificate.Thumbprint;
        _authority.Authority.Fault = AuthorityFault.FailedChallenges;
        _time.Advance(TimeSpan.FromDays(65));
        await edge.Keeper.StepAsync(CancellationToken.None);
        Assert.Equal(good, edge.Provider.Current.TargetCertificate.Thumbprint);
        Assert.Contains("the site keeps the last good certificate", _log.All[^1], StringComparison.Ordinal);
        Assert.Contains("port 80 of meet.example.org must lead to HTTP_PORT", _log.All[^1], StringComparison.Ordinal);

        _authority.Authority.Fault = AuthorityFault.None;
        _time.Advance(TimeSpan.FromHours(2));
        await edge.Keeper.StepAsync(CancellationToken.None);
        Assert.NotEqual(good, edge.Provider.Current.TargetCertificate.Thumbprint);
        Assert.Null(Plan().Folder!.ReadState(Plan().Names).LastError);
    }

    [Fact]
    public async Task An_order_that_a_dead_process_left_is_finished_and_not_made_again()
    {
        using var dying = new CancellationTokenSource();
        _authority.Authority.Validate = (_, _, _, _) =>
        {
            dying.Cancel();
            return Task.FromResult<string?>(null);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => New().Keeper.StepAsync(dying.Token));
        Assert.Equal(OrderOutcome.Open, Plan().Folder!.ReadState(Plan().Names).Orders[^1].Outcome);

        var edge = New();
        await edge.Keeper.StepAsync(CancellationToken.None);

        Assert.Equal((1, 1), (_authority.Authority.Orders.Count, _authority.Authority.Issued));
        Assert.True(edge.Provider.Current.TargetCertificate.MatchesHostname("meet.example.org"));
    }

    [Fact]
    public async Task While_one_edge_has_the_folder_another_one_orders_nothing()
    {
        using (Plan().Folder!.TryLock())
        {
            Assert.Equal(TimeSpan.FromSeconds(30), await New().Keeper.StepAsync(CancellationToken.None));
            Assert.Empty(_authority.Authority.Requests);
        }

        await New().Keeper.StepAsync(CancellationToken.None);
        await New().Keeper.StepAsync(CancellationToken.None);
        Assert.Single(_authority.Authority.Orders);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_named_and_no_order_is_made()
    {
        var path = Path.Combine(_folder, ".mesh", "certificates", "acme");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, "a file where a folder should be");

        await New().Keeper.StepAsync(CancellationToken.None);

        Assert.Empty(_authority.Authority.Requests);
        Assert.StartsWith("CONFIG: no certificate is ordered", _log.All[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_authority_begins_anew_and_staging_is_left_by_itself()
    {
        await New().Keeper.StepAsync(CancellationToken.None);
        var other = AcmePlan.Read(Settings(("LETSENCRYPT_ACME_SERVER", "letsencrypt")));
        Assert.Null(other.Folder!.ReadCertificate(other.Names));
        Assert.NotNull(Plan().Folder!.ReadCertificate(Plan().Names));
    }

    [Theory]
    [InlineData("web/letsencrypt/live/meet.example.org", "fullchain.pem", "privkey.pem")]
    [InlineData("web/acme-certs/meet.example.org", "fullchain.pem", "key.pem")]
    [InlineData("storage/web/acme-certs/meet.example.org", "fullchain.pem", "key.pem")]
    [InlineData(".mesh/acme.sh/meet.example.org_ecc", "fullchain.cer", "meet.example.org.key")]
    public async Task The_certificate_of_a_Jitsi_of_containers_is_taken_over_and_nothing_is_ordered(string folder, string chain, string key)
    {
        var at = Directory.CreateDirectory(Path.Combine(_folder, folder)).FullName;
        var thumbprint = Put(Path.Combine(at, chain), Path.Combine(at, key), "meet.example.org");
        var edge = New();

        await edge.Keeper.StepAsync(CancellationToken.None);

        Assert.Empty(_authority.Authority.Requests);
        Assert.Equal(thumbprint, edge.Provider.Current.TargetCertificate.Thumbprint);
        Assert.Contains(_log.All, l => l.Contains("is imported", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_not_taken_over()
    {
        var at = Directory.CreateDirectory(Path.Combine(_folder, "web", "acme-certs", "meet.example.org")).FullName;
        Put(Path.Combine(at, "fullchain.pem"), Path.Combine(at, "key.pem"), "other.example.org");

        await New().Keeper.StepAsync(CancellationToken.None);

        Assert.Single(_authority.Authority.Orders);
    }

    [Fact]
    public async Task With_files_of_the_operators_own_nothing_is_ordered()
    {
        var keys = Directory.CreateDirectory(Path.Combine(_folder, "web", "keys")).FullName;
        Put(Path.Combine(keys, "cert.crt"), Path.Combine(keys, "cert.key"), "own.example.org");
        await New().Keeper.StepAsync(CancellationToken.None);
        Assert.Empty(_authority.Authority.Requests);
    }

    [Fact]
    public async Task What_is_kept_is_for_its_owner_alone_and_nothing_of_it_is_logged()
    {
        await New().Keeper.StepAsync(CancellationToken.None);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_folder, ".mesh", "certificates", "acme"), "*", SearchOption.AllDirectories))
        {
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.DoesNotContain(".new", file, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(_log.All, l => l.Contains("PRIVATE", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _metrics.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Put(string certificatePath, string keyPath, string name)
    {
        var (certificate, key) = CertificateFiles.CreateSelfSigned([name], _time.GetUtcNow());
        File.WriteAllText(certificatePath, certificate);
        File.WriteAllText(keyPath, key);
        return AcmeFolder.Look(certificatePath, keyPath, [name])!.Thumbprint;
    }

    private MeshSettings Settings(params (string Name, string Value)[] more)
    {
        var values = new Dictionary<string, string?> { ["CONFIG"] = _folder };
        foreach (var (name, value) in _authority.Settings().Concat(more)) values[name] = value;
        return MeshSettings.From(values);
    }

    private AcmePlan Plan() => AcmePlan.Read(Settings());

    private (CertificateKeeper Keeper, CertificateProvider Provider) New()
    {
        var settings = Settings();
        var plan = AcmePlan.Read(settings);
        Assert.Empty(plan.Problems);
        var provider = new CertificateProvider(settings, plan, _time, _metrics, NullLogger<CertificateProvider>.Instance);
        var board = new ChallengeBoard(new InMemoryMeshStore(_time), _time, NullLogger<ChallengeBoard>.Instance);
        var keeper = new CertificateKeeper(plan, settings, provider, board, _metrics, new SeededRandomSource(1), _time, _log)
        {
            Wait = (pause, _) =>
            {
                _time.Advance(pause);
                return Task.CompletedTask;
            },
        };
        return (keeper, provider);
    }

    private sealed class Lines : ILogger<CertificateKeeper>
    {
        public ConcurrentQueue<string> Queue { get; } = new();

        public IReadOnlyList<string> All => [.. Queue];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            ArgumentNullException.ThrowIfNull(formatter);
            Queue.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{formatter(state, exception)}"));
        }
    }
}
