using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace JitsiMesh.Hosting.Links.RabbitMq;

/// <summary>
/// Who of a role's members is connected to the broker at this moment. Each member has a queue of its own that the broker deletes with the member's connection, so that a process that
/// was killed is missed at once and not only when its entry in the store has expired. Such a queue stands on one node of a cluster: it is exclusive and transient, so that it is gone when
/// that node dies, as the connection is, and can be made anew on another. A durable one could not be declared again before its node is back.
/// </summary>
internal sealed class RabbitMemberPresence(string role, string nodeId, RabbitConnection connection) : IAsyncDisposable
{
    private static readonly CreateChannelOptions Plain = new(publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false);

    private static readonly CreateChannelOptions Confirmed = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private IChannel? _own;
    private IChannel? _asking;

    /// <summary>Shows this node, if it is not shown already. False when the broker went away meanwhile.</summary>
    public async Task<bool> ShowAsync(CancellationToken cancellation)
    {
        try
        {
            await EnsureShownAsync(cancellation);
            return true;
        }
        catch (Exception e) when (RabbitConnection.IsBrokerGone(e, cancellation))
        {
            return false;
        }
    }

    /// <summary>The members that are connected, this one among them; null when the broker went away meanwhile.</summary>
    public async Task<IReadOnlyList<string>?> ConnectedAsync(IEnumerable<string> members, CancellationToken cancellation)
    {
        var connected = new List<string> { nodeId };
        try
        {
            foreach (var member in members.Where(member => member != nodeId))
            {
                if (await IsConnectedAsync(member, cancellation)) connected.Add(member);
            }

            return connected;
        }
        catch (Exception e) when (RabbitConnection.IsBrokerGone(e, cancellation))
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync(_own);
        await DropAsync(_asking);
        _own = _asking = null;
    }

    private async Task EnsureShownAsync(CancellationToken cancellation)
    {
        if (_own is { IsOpen: true }) return;
        await DropAsync(_own);
        _own = null;
        var channel = await connection.OpenChannelAsync(Plain, cancellation);
        try
        {
            var name = NameOf(nodeId);
            await channel.QueueDeclareAsync(name, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellation);
            await channel.BasicConsumeAsync(name, autoAck: true, new AsyncDefaultBasicConsumer(channel), cancellation);
            _own = channel;
        }
        finally
        {
            if (_own != channel) await DropAsync(channel);
        }
    }

    // By an empty message that its member drops: to look for another connection's queue by its name is refused, and ends the channel with a line in the broker's log.
    private async Task<bool> IsConnectedAsync(string member, CancellationToken cancellation)
    {
        if (_asking is not { IsOpen: true })
        {
            await DropAsync(_asking);
            _asking = null;
            _asking = await connection.OpenChannelAsync(Confirmed, cancellation);
        }

        try
        {
            await _asking.BasicPublishAsync("", NameOf(member), mandatory: true, ReadOnlyMemory<byte>.Empty, cancellation);
            return true;
        }
        catch (PublishException e) when (e.IsReturn)
        {
            return false;
        }
    }

    private string NameOf(string member) => connection.NameOf($"member.{role}.{member}");

    private static Task DropAsync(IChannel? channel) => channel is null ? Task.CompletedTask : RabbitConnection.DiscardAsync(channel);
}
