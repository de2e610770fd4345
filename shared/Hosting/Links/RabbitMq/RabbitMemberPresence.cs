using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace JitsiMesh.Hosting.Links.RabbitMq;

/// <summary>
/// Who of a role's members is connected to the broker at this moment. Each member consumes a queue of its own that the broker deletes with
/// its last consumer, so that a process that was killed is missed at once and not only when its entry in the store has expired.
/// </summary>
internal sealed class RabbitMemberPresence(string role, string nodeId, RabbitConnection connection) : IAsyncDisposable
{
    private const ushort NotFound = 404;

    private static readonly CreateChannelOptions Plain = new(publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false);

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
            await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: true, cancellationToken: cancellation);
            await channel.BasicConsumeAsync(name, autoAck: true, new AsyncDefaultBasicConsumer(channel), cancellation);
            _own = channel;
        }
        finally
        {
            if (_own != channel) await DropAsync(channel);
        }
    }

    private async Task<bool> IsConnectedAsync(string member, CancellationToken cancellation)
    {
        if (_asking is not { IsOpen: true })
        {
            await DropAsync(_asking);
            _asking = null;
            _asking = await connection.OpenChannelAsync(Plain, cancellation);
        }

        try
        {
            await _asking.QueueDeclarePassiveAsync(NameOf(member), cancellation);
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == NotFound)
        {
            // The broker closes a channel on which something was not found.
            return false;
        }
    }

    private string NameOf(string member) => connection.NameOf($"member.{role}.{member}");

    private static Task DropAsync(IChannel? channel) => channel is null ? Task.CompletedTask : RabbitConnection.DiscardAsync(channel);
}
