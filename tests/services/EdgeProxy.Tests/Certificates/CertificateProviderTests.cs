using JitsiMesh.EdgeProxy.Certificates;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.EdgeProxy.Tests.Certificates;

public sealed class CertificateProviderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-certificates-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Current_WithoutFiles_IsSelfSignedAndKeptOverRestarts()
    {
        var first = Provider().Current.TargetCertificate;
        var second = Provider().Current.TargetCertificate;

        Assert.Equal(first.Thumbprint, second.Thumbprint);
        Assert.True(first.MatchesHostname("localhost"));
        Assert.True(first.MatchesHostname("meet.example.com"));
        var key = Path.Combine(_folder, ".mesh", "certificates", "self-signed.key");
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
    }

    [Fact]
    public void Current_OperatorsPair_WinsAndIsPickedUpWhenReplaced()
    {
        var provider = Provider();
        var own = provider.Current.TargetCertificate.Thumbprint;

        WritePair("a.example", DateTime.UtcNow.AddMinutes(-2));
        _time.Advance(TimeSpan.FromSeconds(11));
        var first = provider.Current.TargetCertificate;
        WritePair("b.example", DateTime.UtcNow.AddMinutes(-1));
        _time.Advance(TimeSpan.FromSeconds(11));
        var second = provider.Current.TargetCertificate;

        Assert.NotEqual(own, first.Thumbprint);
        Assert.True(first.MatchesHostname("a.example"));
        Assert.True(second.MatchesHostname("b.example"));
    }

    [Fact]
    public void Current_PairThatDoesNotFit_KeepsTheLastGoodOne()
    {
        WritePair("a.example", DateTime.UtcNow.AddMinutes(-2));
        var provider = Provider();
        var good = provider.Current.TargetCertificate.Thumbprint;

        var (_, otherKey) = SelfSigned.Create(["c.example"], _time.GetUtcNow());
        File.WriteAllText(Path.Combine(_folder, "web", "keys", "cert.key"), otherKey);
        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(good, provider.Current.TargetCertificate.Thumbprint);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void WritePair(string name, DateTime stamp)
    {
        var keys = Directory.CreateDirectory(Path.Combine(_folder, "web", "keys")).FullName;
        var (certificate, key) = SelfSigned.Create([name], _time.GetUtcNow());
        File.WriteAllText(Path.Combine(keys, "cert.crt"), certificate);
        File.WriteAllText(Path.Combine(keys, "cert.key"), key);
        File.SetLastWriteTimeUtc(Path.Combine(keys, "cert.crt"), stamp);
        File.SetLastWriteTimeUtc(Path.Combine(keys, "cert.key"), stamp);
    }

    private CertificateProvider Provider() => new(
        MeshSettings.From(new Dictionary<string, string?> { ["CONFIG"] = _folder, ["PUBLIC_URL"] = "https://meet.example.com" }), _time, NullLogger<CertificateProvider>.Instance);
}
