using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Links;
using JitsiMesh.Focus.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace JitsiMesh.Focus;

/// <summary>The focus's pages for operators.</summary>
internal static class FocusPages
{
    /// <summary>The keys of Jicofo's page that have a value here.</summary>
    public static object Stats(FocusPartitions partitions, BridgeWatch watch, FocusMetrics metrics)
    {
        var conferences = partitions.Conferences.Select(host => host.Summary).ToList();
        var bridges = watch.Snapshot.Bridges;
        return new Dictionary<string, object>
        {
            ["conferences"] = conferences.Count,
            ["participants"] = conferences.Sum(conference => conference.Participants.Count),
            ["largest_conference"] = conferences.Select(conference => conference.Participants.Count).DefaultIfEmpty().Max(),
            ["conference_sizes"] = Sizes(conferences),
            ["total_participants"] = metrics[ConferenceEvent.ParticipantJoined],
            ["total_conferences_created"] = metrics.ConferencesCreated,
            ["bridge_failures"] = new Dictionary<string, long> { ["participants_moved"] = metrics[ConferenceEvent.ParticipantMoved], ["bridges_removed"] = metrics[ConferenceEvent.BridgeRemoved] },
            ["participant_notifications"] = new Dictionary<string, long> { ["request_restart"] = metrics[ConferenceEvent.RestartRequested], ["ice_restart"] = metrics[ConferenceEvent.IceRestartRequested] },
            ["bridge_selector"] = new Dictionary<string, int>
            {
                ["bridge_count"] = bridges.Count,
                ["operational_bridge_count"] = bridges.Count(bridge => !bridge.Lost),
                ["in_shutdown_bridge_count"] = bridges.Count(bridge => bridge.GracefulShutdown || bridge.ShuttingDown),
                ["bridge_version_count"] = bridges.Select(bridge => bridge.Version).Distinct().Count(),
            },
            ["events"] = Enum.GetValues<ConferenceEvent>().ToDictionary(what => what.ToString(), what => metrics[what]),
        };
    }

    public static object Debug(FocusPartitions partitions, BridgeWatch watch) => new
    {
        partitions = partitions.Owned,
        bridges = watch.Snapshot.Bridges,
        conferences = partitions.Conferences.Select(host => host.Summary).OrderBy(summary => summary.Room, StringComparer.Ordinal),
    };

    // Index n counts conferences of n participants; the last one counts all larger conferences.
    private static int[] Sizes(List<ConferenceSummary> conferences)
    {
        var sizes = new int[22];
        foreach (var conference in conferences) sizes[Math.Min(conference.Participants.Count, sizes.Length - 1)]++;
        return sizes;
    }
}

/// <summary>Without a bridge no participant can be invited, but the focus itself is healthy.</summary>
internal sealed class BridgesHealthCheck(BridgeWatch watch) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(watch.Snapshot.Bridges.Any(bridge => bridge is BridgeSnapshot { Lost: false, GracefulShutdown: false })
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("no operational bridge"));
}
