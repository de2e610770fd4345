using System.Text;
using JitsiMesh.Hosting.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace JitsiMesh.Hosting.Observability;

/// <summary>
/// The answer of the health pages: one word (Healthy, Degraded, Unhealthy). On inner listeners a line follows for each dependency that is not healthy, with its name and
/// details; public listeners get only the word.
/// </summary>
internal static class HealthText
{
    /// <summary>The maximum length of one check's details.</summary>
    private const int TextLength = 500;

    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(Of(report, isPublic: context.Features.Get<PublicListener>() is not null), context.RequestAborted);
    }

    internal static string Of(HealthReport report, bool isPublic)
    {
        if (isPublic || report.Status == HealthStatus.Healthy) return report.Status.ToString();
        var text = new StringBuilder().Append(report.Status);
        foreach (var (name, entry) in report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (entry.Status == HealthStatus.Healthy) continue;
            var said = entry.Description ?? entry.Exception?.Message ?? "no reason is known";
            text.Append('\n').Append(name).Append(": ").Append(entry.Status).Append(", ").Append(said.Length > TextLength ? said[..TextLength] : said);
        }

        return text.ToString();
    }
}
