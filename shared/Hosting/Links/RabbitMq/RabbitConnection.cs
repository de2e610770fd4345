using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace JitsiMesh.Hosting.Links.RabbitMq;

/// <summary>
/// One connection to the broker, opened again whenever somebody needs it and it is gone. Of a cluster's nodes each is tried in turn, from any of them on. The client library's own recovery is off: it
/// recovers channels behind the back of their users, and which envelopes were confirmed could then not be told.
/// </summary>
internal sealed partial class RabbitConnection : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(300);

    private readonly ConnectionFactory _factory;
    private readonly IReadOnlyList<AmqpTcpEndpoint> _nodes;
    private readonly string _name;
    private readonly string _queuePrefix;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private IConnection? _connection;
    private int _away;

    public RabbitConnection(BusAddress address, string name, string queuePrefix, ILogger logger)
    {
        _factory = new ConnectionFactory
        {
            Uri = address.Nodes[0],
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(5),
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
            ContinuationTimeout = TimeSpan.FromSeconds(10),
            MaxInboundMessageBodySize = LinkLimits.InboundOctets,
        };
        _nodes = [.. address.Nodes.Select(EndpointOf)];
        _name = name;
        _queuePrefix = queuePrefix;
        _logger = logger;
    }

    /// <summary>The queue's name in the broker.</summary>
    public string NameOf(LinkQueue queue) => NameOf(queue.Name);

    public string NameOf(string name) => _queuePrefix + name;

    /// <summary>Whether the broker can be reached at this moment.</summary>
    public async Task<bool> TryConnectAsync(CancellationToken cancellation)
    {
        try
        {
            return (await ConnectAsync(cancellation)).IsOpen;
        }
        catch (Exception e) when (IsBrokerGone(e, cancellation))
        {
            return false;
        }
    }

    /// <summary>A new channel. Waits while the broker is away.</summary>
    public async Task<IChannel> OpenChannelAsync(CreateChannelOptions options, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                var connection = await ConnectAsync(cancellation);
                var channel = await connection.CreateChannelAsync(options, cancellation);
                if (Interlocked.Exchange(ref _away, 0) == 1) LogBack(_name);
                return channel;
            }
            catch (Exception e) when (IsBrokerGone(e, cancellation))
            {
                // Once for all who wait on this connection.
                if (Interlocked.Exchange(ref _away, 1) == 0) LogAway(_name, e.Message);
                await Task.Delay(RetryPause, cancellation);
            }
        }
    }

    /// <summary>Whether an exception means that the broker or the connection is gone, and trying again makes sense.</summary>
    public static bool IsBrokerGone(Exception exception, CancellationToken cancellation) => exception switch
    {
        OperationCanceledException => !cancellation.IsCancellationRequested,
        BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException or RabbitMQClientException or IOException or TimeoutException or ObjectDisposedException => true,
        System.Net.Sockets.SocketException => true,
        _ => false,
    };

    /// <summary>Closes a channel that may be broken already.</summary>
    public static async Task DiscardAsync(IChannel channel)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await channel.CloseAsync(limit.Token);
        }
        catch (Exception e) when (IsBrokerGone(e, CancellationToken.None))
        {
            // It was gone before: closed is what it is to be.
        }

        channel.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            try
            {
                await connection.CloseAsync(TimeSpan.FromSeconds(2));
            }
            catch (Exception e) when (IsBrokerGone(e, CancellationToken.None))
            {
                // As above.
            }

            connection.Dispose();
        }

        _opening.Dispose();
    }

    // What the URL says of one node, with the certificate's name for each. The client library puts them into a random order for each connection.
    private AmqpTcpEndpoint EndpointOf(Uri node)
    {
        var tls = new SslOption(node.Host, enabled: _factory.Ssl.Enabled) { AcceptablePolicyErrors = _factory.Ssl.AcceptablePolicyErrors, Version = _factory.Ssl.Version };
        return new AmqpTcpEndpoint(node.Host, node.Port, tls, LinkLimits.InboundOctets);
    }

    private async Task<IConnection> ConnectAsync(CancellationToken cancellation)
    {
        if (_connection is { IsOpen: true } open) return open;
        await _opening.WaitAsync(cancellation);
        try
        {
            if (_connection is { IsOpen: true } meanwhile) return meanwhile;
            _connection?.Dispose();
            _connection = null;
            return _connection = await _factory.CreateConnectionAsync(_nodes, _name, cancellation);
        }
        finally
        {
            _opening.Release();
        }
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "{Connection}: RabbitMQ is away, trying again: {Reason}")]
    private partial void LogAway(string connection, string reason);

    [LoggerMessage(EventId = 20, Level = LogLevel.Information, Message = "{Connection}: RabbitMQ is back")]
    private partial void LogBack(string connection);
}
