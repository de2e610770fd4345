using System.Net;
using JitsiMesh.Hosting.Certificates;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.EdgeProxy.Certificates;

/// <summary>Creates a self-signed certificate for a machine without another one.</summary>
internal static class SelfSigned
{
    /// <summary>The names of this machine: localhost, its host name, and the hosts of PUBLIC_URL and the advertised addresses.</summary>
    public static IReadOnlyList<string> Names(MeshSettings settings)
    {
        var names = new List<string> { "localhost", "127.0.0.1", "::1", Dns.GetHostName() };
        if (settings.PublicUrl is { } url) names.Add(new Uri(url).Host.Trim('[', ']'));
        names.AddRange(settings.AdvertisedAddresses.Select(a => a.Address.ToString()));
        return [.. names.Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <returns>Certificate and key as PEM.</returns>
    public static (string Certificate, string Key) Create(IReadOnlyList<string> names, DateTimeOffset now) => CertificateFiles.CreateSelfSigned(names, now);
}
