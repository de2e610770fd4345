using JitsiMesh.EdgeProxy.Certificates;
using JitsiMesh.EdgeProxy.Certificates.Acme;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.EdgeProxy.Tests.Certificates;

public sealed class CertificateProviderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-certificates-").FullName;
    private readonly CertificateMetrics _metrics = new();
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

    [Fact]
    public void Current_OwnPairWinsOverThatOfAnAuthority_AndThatOneOverTheSelfSigned()
    {
        (string, string)[] letsEncrypt = [("ENABLE_LETSENCRYPT", "true"), ("LETSENCRYPT_DOMAIN", "meet.example.com"), ("LETSENCRYPT_EMAIL", "ops@example.com")];
        var (certificate, key) = SelfSigned.Create(["meet.example.com", "ordered.example"], _time.GetUtcNow());
        var plan = AcmePlan.Read(MeshSettings.From(letsEncrypt.Select(p => KeyValuePair.Create(p.Item1, (string?)p.Item2)).Append(new("CONFIG", _folder))));
        using (plan.Folder!.TryLock()) plan.Folder.WriteCertificate(certificate, key);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(plan.Folder.CertificatePath));

        var provider = Provider(letsEncrypt);
        Assert.True(provider.Current.TargetCertificate.MatchesHostname("ordered.example"));
        Assert.Equal(CertificateSource.Authority, provider.Source);
        Assert.Equal(CertificateSource.SelfSigned, Source(Provider()));

        WritePair("own.example", DateTime.UtcNow);
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.True(provider.Current.TargetCertificate.MatchesHostname("own.example"));
        Assert.Equal(CertificateSource.OwnFiles, provider.Source);
    }

    private static CertificateSource Source(CertificateProvider provider)
    {
        _ = provider.Current;
        return provider.Source;
    }

    public void Dispose()
    {
        _metrics.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void WritePair(string name, DateTime stamp)
    {
        var keys = Directory.CreateDirectory(Path.Combine(_folder, "web", "keys")).FullName;
        var (certificate, key) = SelfSigned.Create([name], _time.GetUtcNow());
        File.WriteAllText(Path.Combine(keys, "cert.crt"), certificate);
        File.WriteAllText(Path.Combine(keys, "cert.key"), key);
        File.SetLastWriteTimeUtc(Path.Combine(keys, "cert.crt"), stamp);
        File.SetLastWriteTimeUtc(Path.Combine(keys, "cert.key"), stamp);
    }

    private CertificateProvider Provider(params (string Name, string Value)[] more)
    {
        var values = new Dictionary<string, string?> { ["CONFIG"] = _folder, ["PUBLIC_URL"] = "https://meet.example.com" };
        foreach (var (name, value) in more) values[name] = value;
        var settings = MeshSettings.From(values);
        return new CertificateProvider(settings, AcmePlan.Read(settings), _time, _metrics, NullLogger<CertificateProvider>.Instance);
    }
}
