using System.Globalization;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.BridgeSelection;

/// <summary>How a health check ended.</summary>
public enum HealthOutcome
{
    Healthy,

    /// <summary>The bridge answered that it is unhealthy: it counts as lost at once.</summary>
    Unhealthy,

    /// <summary>No process answers at the address: the bridge is lost after the second such check in a row, until a check succeeds.</summary>
    Unreachable,

    /// <summary>No answer in time: the bridge is lost after the second such check in a row, if its reports are missing too. A busy machine is slow, not gone.</summary>
    TimedOut,
}

/// <summary>What the focus knows about the bridges: reports, health checks, failed calls, and what the focus placed itself. No clock: every input carries its time.</summary>
public sealed class BridgePool(BridgeSelectionOptions options)
{
    private const int ChecksToLose = 2;

    // Conferences; the pool remembers no more than this.
    private const int SuspectAfter = 3;

    // Reports come every few seconds; one of them may be late.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(6);

    private static readonly MonotonicTime Never = new(long.MinValue);

    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Takes a report. Ignores reports that are older than the last one and reports of other pools.</summary>
    public void Observe(BridgeStatusReported status, MonotonicTime now)
    {
        if (status.Pool != options.Pool) return;
        if (!_entries.TryGetValue(status.BridgeId, out var entry) || status.StartedAt > entry.Status.StartedAt)
        {
            _entries[status.BridgeId] = new Entry(status, now);
            return;
        }

        if (status.StartedAt < entry.Status.StartedAt || status.Number <= entry.Status.Number) return;
        // A bridge that shuts down comes back only as a new instance.
        entry.Status = status with
        {
            GracefulShutdown = status.GracefulShutdown || entry.Status.GracefulShutdown,
            ShuttingDown = status.ShuttingDown || entry.Status.ShuttingDown,
        };
        entry.SeenAt = now;
    }

    public void HealthChecked(string bridgeId, string instance, HealthOutcome outcome, MonotonicTime now)
    {
        if (!_entries.TryGetValue(bridgeId, out var entry) || entry.Instance != instance) return;
        if (outcome == HealthOutcome.Healthy)
        {
            entry.ChecksFailed = 0;
            entry.SeenAt = now;
            if (entry.MayRecover) entry.FailedUntil = Never;
            entry.MayRecover = false;
            return;
        }

        entry.ChecksFailed++;
        var lost = outcome switch
        {
            HealthOutcome.Unhealthy => true,
            HealthOutcome.Unreachable => entry.ChecksFailed >= ChecksToLose,
            _ => entry.ChecksFailed >= ChecksToLose && now - entry.SeenAt > Quiet,
        };
        if (!lost) return;
        entry.MayRecover = outcome != HealthOutcome.Unhealthy && (entry.MayRecover || now >= entry.FailedUntil);
        entry.FailedUntil = now + options.FailureReset;
    }

    /// <summary>A call of a conference did not reach the bridge. The next successful health check puts the bridge back.</summary>
    public void Unreachable(string bridgeId, string instance, MonotonicTime now)
    {
        if (!_entries.TryGetValue(bridgeId, out var entry) || entry.Instance != instance) return;
        entry.MayRecover = entry.MayRecover || now >= entry.FailedUntil;
        entry.FailedUntil = now + options.FailureReset;
    }

    /// <summary>
    /// The bridge did not allocate an endpoint of a conference and gave no reason. The request may be at fault, so no participant is moved. When several conferences have seen
    /// such a failure, new conferences go to other bridges if there are any.
    /// </summary>
    public void AllocationFailed(string bridgeId, string instance, string conference, MonotonicTime now)
    {
        if (!_entries.TryGetValue(bridgeId, out var entry) || entry.Instance != instance) return;
        entry.AllocationFailures.RemoveAll(one => one.Conference == conference);
        if (entry.AllocationFailures.Count == SuspectAfter) entry.AllocationFailures.RemoveAt(0);
        entry.AllocationFailures.Add((conference, now));
    }

    public void EnteredGracefulShutdown(string bridgeId, string instance)
    {
        if (_entries.TryGetValue(bridgeId, out var entry) && entry.Instance == instance) entry.Status = entry.Status with { GracefulShutdown = true };
    }

    public void EndpointPlaced(string bridgeId, MonotonicTime now)
    {
        if (_entries.TryGetValue(bridgeId, out var entry)) entry.Placed.Enqueue(now);
    }

    /// <summary>Forgets bridges that have been silent for longer than a failed bridge is avoided.</summary>
    public BridgePoolSnapshot Snapshot(MonotonicTime now)
    {
        foreach (var gone in _entries.Where(pair => now - pair.Value.SeenAt > options.StatusTimeout + options.FailureReset).Select(pair => pair.Key).ToList()) _entries.Remove(gone);
        return new BridgePoolSnapshot([.. _entries.Values.Select(entry => Describe(entry, now))]);
    }

    private BridgeSnapshot Describe(Entry entry, MonotonicTime now)
    {
        while (entry.Placed.TryPeek(out var placed) && now - placed > options.ParticipantRampUp) entry.Placed.Dequeue();
        var status = entry.Status;
        var stress = status.Stress + (entry.Placed.Count * (options.ParticipantStress ?? status.AverageParticipantStress));
        return new BridgeSnapshot
        {
            BridgeId = status.BridgeId,
            Instance = entry.Instance,
            ControlAddress = status.ControlAddress,
            Region = status.Region,
            Version = status.Version,
            Stress = stress,
            Overloaded = stress >= options.StressThreshold,
            Operational = status.Healthy && now >= entry.FailedUntil && now - entry.SeenAt <= options.StatusTimeout,
            Drain = status.Drain,
            Suspect = entry.AllocationFailures.Count(one => now - one.At <= options.SuspectWindow) >= SuspectAfter,
            GracefulShutdown = status.GracefulShutdown,
            ShuttingDown = status.ShuttingDown,
            Endpoints = status.Endpoints,
        };
    }

    private sealed class Entry(BridgeStatusReported status, MonotonicTime now)
    {
        public BridgeStatusReported Status = status;
        /// <summary>The time of the last report or answer. Reports come over the bus; when the bus is down, answers to health checks show that the bridge is alive.</summary>
        public MonotonicTime SeenAt = now;
        public MonotonicTime FailedUntil = Never;
        public bool MayRecover;
        public int ChecksFailed;

        public List<(string Conference, MonotonicTime At)> AllocationFailures { get; } = [];

        public string Instance { get; } = $"{status.BridgeId}|{status.StartedAt.UtcTicks.ToString(CultureInfo.InvariantCulture)}";

        public Queue<MonotonicTime> Placed { get; } = new();
    }
}
