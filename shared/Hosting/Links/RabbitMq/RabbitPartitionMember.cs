using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Links.RabbitMq;

/// <summary>
/// One node's part in owning the partitions of a role. Twice a second it looks who takes part and is connected to the broker, and consumes the partitions that are its own
/// by rendezvous hashing; exclusion comes from the broker, so that a moment of disagreement costs a moment of waiting and no more.
/// </summary>
internal sealed partial class RabbitPartitionMember : IAsyncDisposable
{
    /// <summary>A node whose machine died is out of the list after this; one whose process died is missed by the broker at once.</summary>
    private static readonly TimeSpan MemberLifetime = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan OwnerLifetime = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly string _role;
    private readonly string _nodeId;
    private readonly IPartitionConsumer _consumer;
    private readonly RabbitConnection _connection;
    private readonly IMeshStore _store;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly RabbitMemberPresence _presence;
    private readonly RabbitQueueConsumer?[] _consumers = new RabbitQueueConsumer?[Partitions.Count];
    private readonly bool[] _owned = new bool[Partitions.Count];
    private readonly Task _loop;

    public RabbitPartitionMember(string role, string nodeId, IPartitionConsumer consumer, RabbitConnection connection, IMeshStore store, ILogger logger)
    {
        _role = role;
        _nodeId = nodeId;
        _consumer = consumer;
        _connection = connection;
        _store = store;
        _logger = logger;
        _presence = new RabbitMemberPresence(role, nodeId, connection);
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await _presence.DisposeAsync();
        await TryAsync(async () => await _store.RemovePlacementAsync(OwnershipKeys.Member(_role, _nodeId)));
        await Task.WhenAll(Enumerable.Range(0, Partitions.Count).Select(ReleaseAsync));
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Period);
        var round = 0;
        try
        {
            do
            {
                await TryAsync(async () => await BalanceAsync(round++));
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task BalanceAsync(int round)
    {
        // One that the broker has lost sight of can own nothing: it leaves the list until it is back, so that others take its share. What it
        // subscribed to it keeps asking for.
        if (!await _connection.TryConnectAsync(_stop.Token) || !await _presence.ShowAsync(_stop.Token)) return;
        if (round % 2 == 0) await _store.SetPlacementAsync(OwnershipKeys.Member(_role, _nodeId), _nodeId, MemberLifetime, _stop.Token);
        var listed = (await _store.GetPlacementsAsync(OwnershipKeys.Members(_role), _stop.Token)).Values;
        if (await _presence.ConnectedAsync(listed, _stop.Token) is not { } members) return;
        var releases = new List<Task>();
        for (var partition = 0; partition < Partitions.Count; partition++)
        {
            var mine = RendezvousHash.Owner(_role, partition, members) == _nodeId;
            if (mine && _consumers[partition] is null)
            {
                _consumers[partition] = new RabbitQueueConsumer(LinkQueue.Partition(_role, partition), _consumer, new Ownership(this, partition), _connection, _logger);
            }
            else if (!mine && _consumers[partition] is not null)
            {
                releases.Add(ReleaseAsync(partition));
            }
        }

        await Task.WhenAll(releases);
        if (round % 10 != 0) return;
        for (var partition = 0; partition < Partitions.Count; partition++)
        {
            if (Volatile.Read(ref _owned[partition])) await TellOwnerAsync(partition);
        }
    }

    private async Task ReleaseAsync(int partition)
    {
        if (_consumers[partition] is not { } consumer) return;
        _consumers[partition] = null;
        await consumer.DisposeAsync();
    }

    private ValueTask TellOwnerAsync(int partition) => _store.SetPlacementAsync(OwnershipKeys.Owner(_role, partition), _nodeId, OwnerLifetime);

    private async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception e) when (e is not OperationCanceledException || !_stop.IsCancellationRequested)
        {
            // The store is away: everybody keeps what they have.
            LogStoreAway(_role, e.Message);
        }
    }

    [LoggerMessage(EventId = 16, Level = LogLevel.Warning, Message = "The partitions of {Role} stay where they are, since the store is away: {Reason}")]
    private partial void LogStoreAway(string role, string reason);

    [LoggerMessage(EventId = 17, Level = LogLevel.Debug, Message = "Partition {Partition} of {Role} acquired with epoch {Epoch}")]
    private partial void LogAcquired(int partition, string role, long epoch);

    [LoggerMessage(EventId = 18, Level = LogLevel.Debug, Message = "Partition {Partition} of {Role} lost")]
    private partial void LogLost(int partition, string role);

    [LoggerMessage(EventId = 19, Level = LogLevel.Error, Message = "The consumer failed to let go of partition {Partition}")]
    private partial void LogLetGoFailed(Exception exception, int partition);

    private sealed class Ownership(RabbitPartitionMember member, int partition) : IQueueOwnership
    {
        public Task GivenUp => member._consumer.GivenUp(partition);

        public async ValueTask AcquiredAsync(CancellationToken cancellation)
        {
            var epoch = await member._store.NextAsync(OwnershipKeys.Epoch(member._role, partition), cancellation);
            member.LogAcquired(partition, member._role, epoch);
            await member._consumer.AcquiredAsync(partition, epoch, cancellation);
            Volatile.Write(ref member._owned[partition], true);
            await member.TryAsync(async () => await member.TellOwnerAsync(partition));
        }

        public async ValueTask LostAsync()
        {
            Volatile.Write(ref member._owned[partition], false);
            member.LogLost(partition, member._role);
            try
            {
                await member._consumer.LostAsync(partition);
            }
            catch (Exception e)
            {
                member.LogLetGoFailed(e, partition);
            }
        }
    }
}
