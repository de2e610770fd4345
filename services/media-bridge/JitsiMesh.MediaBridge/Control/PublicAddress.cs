using System.Net;
using System.Net.Sockets;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Discovery;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>
/// Learns the bridge's public address after its start and again every few minutes: names are looked up here, the questions go out on the media thread. The
/// bridge serves meanwhile; only its first report to focus waits a moment.
/// </summary>
internal sealed partial class PublicAddress(MediaBridgeOptions options, IShardGateway gateway, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private string _told = "";
    private bool _silenceTold;
    private bool _disposed;

    /// <summary>Ends with the first address that was learnt, or when the first round has brought none, or at once when nobody is asked.</summary>
    public Task Known => _known.Task;

    /// <summary>Somebody is asked.</summary>
    public static bool IsWanted(MediaBridgeOptions options, IReadOnlyList<IDatagramPort> ports) =>
        options.AdvertiseAddresses.Count == 0 && (options.StunServers.Count > 0 || options.Cloud != CloudKind.None) && ports.Any(IsAsking);

    public void Start(IReadOnlyList<IDatagramPort> ports)
    {
        if (IsWanted(options, ports)) _running = Task.Run(() => RunAsync([.. ports.Where(IsAsking)]));
        else TellAndEnd();
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _stop.Cancel();
        _running.Wait(TimeSpan.FromSeconds(1));
        _known.TrySetResult();
        _stop.Dispose();
    }

    /// <summary>A port whose address a NAT may stand before: private, IPv4 (as the JVB asks), UDP.</summary>
    private static bool IsAsking(IDatagramPort port) => port.Local is { IsIPv4: true, IsTcp: false } && AddressReaches.Of(port.Local) is AddressReach.OwnNetwork or AddressReach.ContainerNetwork;

    private async Task RunAsync(IDatagramPort[] ports)
    {
        try
        {
            while (!_disposed)
            {
                var found = await RoundAsync(ports);
                TellAndEnd();
                await Task.Delay(found ? DiscoveryLimits.Interval : DiscoveryLimits.RetryInterval, time, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The bridge ends.
        }
        catch (Exception e)
        {
            LogFailed(logger, e);
        }
        finally
        {
            TellAndEnd();
        }
    }

    private async Task<bool> RoundAsync(IDatagramPort[] ports)
    {
        using var limit = new CancellationTokenSource(DiscoveryLimits.RoundLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
        var began = time.GetTimestamp();
        var cloud = AskCloudAsync(either.Token);
        var servers = await LookUpAsync(either.Token);
        var result = servers.Count == 0 ? null : await AskAsync(ports, servers, DiscoveryLimits.RoundLimit - time.GetElapsedTime(began));
        var learned = new List<LearnedAddress>(result?.Learned ?? []);
        if (await cloud is { } address) learned.AddRange(ports.Select(p => new LearnedAddress(TransportAddress.From(address, p.Local.Port), p.Local)));
        if (learned.Count > 0)
        {
            // A round without an answer takes nothing back: the servers may be down, which is no news of the address.
            await Post((shard, _) => shard.Candidates.SetLearned(learned));
            if (result is { PortsDiffer: true }) LogPortsDiffer(logger, string.Join(", ", learned.Select(l => l.Mapped)));
            _silenceTold = false;
            return true;
        }

        if (_disposed || _silenceTold) return false;
        _silenceTold = true;
        if (options.StunServers.Count > 0) LogNoAnswer(logger, string.Join(", ", options.StunServers), result is { Refused: > 0 } ? "answers with no usable address" : servers.Count == 0 ? "cannot be found by name" : "does not answer");
        if (options.Cloud != CloudKind.None) LogNoCloud(logger, options.Cloud);
        return false;
    }

    private async Task<IPAddress?> AskCloudAsync(CancellationToken cancellation) =>
        options.Cloud == CloudKind.None ? null : await new CloudMetadata(options.CloudService ?? CloudMetadata.LinkLocal).AskAsync(options.Cloud, cancellation);

    private async Task<List<TransportAddress>> LookUpAsync(CancellationToken cancellation)
    {
        var found = await Task.WhenAll(options.StunServers.Take(DiscoveryLimits.MaxServers).Select(server => LookUpAsync(server, cancellation)));
        return [.. found.SelectMany(a => a).Distinct().Take(DiscoveryLimits.MaxServers)];
    }

    /// <summary>The IPv4 addresses of one server, at most two.</summary>
    private static async Task<IEnumerable<TransportAddress>> LookUpAsync(StunServer server, CancellationToken cancellation)
    {
        try
        {
            var addresses = IPAddress.TryParse(server.Host, out var address) ? [address] : await Dns.GetHostAddressesAsync(server.Host, AddressFamily.InterNetwork, cancellation);
            return addresses.Where(a => a.AddressFamily == AddressFamily.InterNetwork).Take(2).Select(a => TransportAddress.From(a, server.Port));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ArgumentException)
        {
            return [];
        }
    }

    private async Task<DiscoveryResult?> AskAsync(IDatagramPort[] ports, List<TransportAddress> servers, TimeSpan limit)
    {
        var ended = new TaskCompletionSource<DiscoveryResult?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var posted = gateway.TryPost(
            (shard, now) =>
            {
                shard.Discovery ??= new AddressDiscovery(shard.Random);
                shard.Discovery.Begin(ports, servers, limit, now, soFar => OnLearned(shard, soFar), result => ended.TrySetResult(result));
                shard.Schedule(shard.Discovery.NextTimeout);
            },
            _ => ended.TrySetResult(null));
        return posted ? await ended.Task.WaitAsync(_stop.Token) : null;
    }

    private void OnLearned(BridgeShard shard, DiscoveryResult soFar)
    {
        // Later rounds replace what is known at their end, and not piece by piece.
        if (_known.Task.IsCompleted) return;
        shard.Candidates.SetLearned(soFar.Learned);
        _known.TrySetResult();
    }

    private Task Post(Action<BridgeShard, MonotonicTime> work) => gateway.Ask((shard, now) =>
    {
        work(shard, now);
        return true;
    }) ?? Task.CompletedTask;

    /// <summary>The verdict: once at the start, and again when it changes.</summary>
    private void TellAndEnd()
    {
        _known.TrySetResult();
        if (gateway.Ask((shard, _) => shard.Candidates.Verdict()) is not { } asked) return;
        _ = asked.ContinueWith(verdict => Tell(verdict.Result), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
    }

    private void Tell(AddressVerdict verdict)
    {
        if (verdict.Text == _told) return;
        _told = verdict.Text;
        if (verdict.IsWarning) LogVerdictWarning(logger, verdict.Text);
        else LogVerdict(logger, verdict.Text);
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Information, Message = "{Verdict}")]
    private static partial void LogVerdict(ILogger logger, string verdict);

    [LoggerMessage(EventId = 21, Level = LogLevel.Warning, Message = "{Verdict}")]
    private static partial void LogVerdictWarning(ILogger logger, string verdict);

    [LoggerMessage(EventId = 22, Level = LogLevel.Warning, Message = "JVB_STUN_SERVERS: {Servers} {Problem}, so the bridge does not know its public address. Set JVB_ADVERTISE_IPS to it, or JVB_DISABLE_STUN=1 where all clients are in its own network")]
    private static partial void LogNoAnswer(ILogger logger, string servers, string problem);

    [LoggerMessage(EventId = 23, Level = LogLevel.Warning, Message = "The NAT gives each destination another port ({Addresses}): clients outside cannot use what STUN tells. Forward JVB_PORT to the bridge and set JVB_ADVERTISE_IPS")]
    private static partial void LogPortsDiffer(ILogger logger, string addresses);

    [LoggerMessage(EventId = 24, Level = LogLevel.Warning, Message = "The metadata service of {Cloud} tells no public address")]
    private static partial void LogNoCloud(ILogger logger, CloudKind cloud);

    [LoggerMessage(EventId = 25, Level = LogLevel.Error, Message = "The search for the public address failed")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
