using System.Net;
using JitsiMesh.Doctor.Probes;
using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Doctor;

/// <summary>Checks the outcome of orders at the authority, from an inner page of edge-proxy: on this machine, or among containers.</summary>
public sealed partial class Examination
{
    private async Task<IEnumerable<CheckResult>> CheckAuthorityAsync(PageProbe pages)
    {
        var port = settings.InnerPort(KnownSettings.MeshHttpPort);
        var own = port.Address is null || port.Address.Equals(IPAddress.Any) || port.Address.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : port.Address;
        foreach (var host in new[] { new IPEndPoint(own, port.Port).ToString(), "edge-proxy:8080" })
        {
            try
            {
                var answer = await pages.GetAsync(new Uri($"http://{host}/debug/certificate")).ConfigureAwait(false);
                if (answer.Status == 200 && AuthorityFacts.TryRead(answer.Body, out var facts)) return AuthorityRules.Judge(facts, time.GetUtcNow());
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // edge-proxy runs elsewhere, or its inner page is not reachable from here.
            }
        }

        return [CheckResult.Skipped(AuthorityRules.Name, "the inner page /debug/certificate of edge-proxy is not reachable from here (MESH_HTTP_PORT)")];
    }
}
