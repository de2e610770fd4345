using JitsiMesh.Hosting.Certificates;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Signalling.Tcp;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Signalling.Tests.Tcp;

/// <summary>The certificate of XMPP over TCP.</summary>
public sealed class StreamCertificateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-certificate-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 12, 1, 9, 0, 0, TimeSpan.Zero));

    private string Certificate => Path.Combine(_folder, "xmpp.crt");

    private string Key => Path.Combine(_folder, "xmpp.key");

    [Fact]
    public void Without_settings_it_is_self_signed_and_kept_for_the_next_start_where_others_cannot_read_it()
    {
        var first = Thumbprint(Make());
        Assert.Equal(first, Thumbprint(Make()));
        var path = Path.Combine(_folder, ".mesh", "certificates", "xmpp-self-signed.pem");
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Single(Directory.EnumerateFiles(Path.GetDirectoryName(path)!));
        File.WriteAllText(path, "damaged");
        Assert.NotEqual(first, Thumbprint(Make()));
    }

    [Fact]
    public void A_self_signed_one_that_is_over_is_made_anew()
    {
        var first = Thumbprint(Make());
        _time.Advance(TimeSpan.FromDays(366 * 10));
        Assert.NotEqual(first, Thumbprint(Make()));
    }

    [Fact]
    public void A_replaced_pair_is_picked_up_without_a_restart_and_one_that_does_not_fit_changes_nothing()
    {
        Write(Certificate, Key);
        var certificate = Make(Certificate, Key);
        var first = Thumbprint(certificate);

        Write(Certificate, Key);
        File.SetLastWriteTimeUtc(Certificate, _time.GetUtcNow().UtcDateTime);
        Assert.Equal(first, Thumbprint(certificate));
        _time.Advance(TimeSpan.FromSeconds(11));
        var second = Thumbprint(certificate);
        Assert.NotEqual(first, second);

        Write(Certificate, Path.Combine(_folder, "other.key"));
        File.SetLastWriteTimeUtc(Certificate, _time.GetUtcNow().UtcDateTime);
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(second, Thumbprint(certificate));
        File.Delete(Key);
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(second, Thumbprint(certificate));
    }

    [Fact]
    public void A_pair_that_cannot_be_used_ends_the_start_with_the_settings_at_fault()
    {
        Assert.Contains("MESH_XMPP_TLS_KEY: ", Assert.Throws<SettingsException>(() => Make(Certificate)).Problems[0], StringComparison.Ordinal);
        Assert.Contains("MESH_XMPP_TLS_CERT: ", Assert.Throws<SettingsException>(() => Make(key: Key)).Problems[0], StringComparison.Ordinal);
        Assert.Contains("MESH_XMPP_TLS_CERT, MESH_XMPP_TLS_KEY: ", Assert.Throws<SettingsException>(() => Make(Certificate, Key)).Problems[0], StringComparison.Ordinal);
        Write(Certificate, Path.Combine(_folder, "other.key"));
        Write(Path.Combine(_folder, "other.crt"), Key);
        Assert.Contains("MESH_XMPP_TLS_CERT, MESH_XMPP_TLS_KEY: ", Assert.Throws<SettingsException>(() => Make(Certificate, Key)).Problems[0], StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Thumbprint(StreamCertificate certificate) => certificate.Options().ServerCertificateContext!.TargetCertificate.Thumbprint;

    private StreamCertificate Make(string? certificate = null, string? key = null) => new(
        MeshSettings.From(new Dictionary<string, string?> { ["CONFIG"] = _folder, ["MESH_XMPP_TLS_CERT"] = certificate, ["MESH_XMPP_TLS_KEY"] = key }), _time, NullLogger<StreamCertificate>.Instance);

    private void Write(string certificatePath, string keyPath)
    {
        var (certificate, key) = CertificateFiles.CreateSelfSigned(["xmpp.example"], _time.GetUtcNow());
        File.WriteAllText(certificatePath, certificate);
        File.WriteAllText(keyPath, key);
    }
}
