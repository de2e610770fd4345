using System.Buffers;
using System.Net;
using JitsiMesh.Primitives;
using JitsiMesh.Turn;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace JitsiMesh.EdgeProxy.Turn;

/// <summary>One TCP connection that speaks TURN, in clear text or over TLS.</summary>
internal sealed class TurnConnection(TurnRelay relay, ConnectionContext connection, FiveTuple client, TimeProvider time)
{
    private readonly byte[] _scratch = new byte[TurnFrame.MaxSize];
    private long _idleSince = time.GetTimestamp();
    private int _messagesWithoutAllocation;
    private bool _hasAllocation;

    public static FiveTuple TupleOf(ConnectionContext connection, TurnTransport transport) =>
        new(transport, AddressOf(connection.RemoteEndPoint), AddressOf(connection.LocalEndPoint));

    public async Task RunAsync()
    {
        // Kestrel's own heartbeat, once a second: no timer for each connection.
        connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static state => ((TurnConnection)state).CloseIdle(), this);
        using var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested.Register(static state => ((ConnectionContext)state!).Abort(), connection) ?? default;
        using var link = new StreamLink(connection.Transport.Output);
        try
        {
            var input = connection.Transport.Input;
            while (true)
            {
                var result = await input.ReadAsync();
                var buffer = result.Buffer;
                var goesOn = Handle(ref buffer, link);
                input.AdvanceTo(buffer.Start, buffer.End);
                if (!goesOn || result.IsCompleted || result.IsCanceled) return;
            }
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException or ConnectionResetException or OperationCanceledException or InvalidOperationException)
        {
            // The client has disconnected.
        }
        finally
        {
            relay.Close(client);
        }
    }

    private static TransportAddress AddressOf(EndPoint? end) => end is IPEndPoint ip ? TransportAddress.From(ip) : default;

    // False when the rest of the stream cannot be parsed, or the client keeps sending requests without an allocation.
    private bool Handle(ref ReadOnlySequence<byte> buffer, StreamLink link)
    {
        Span<byte> prefix = stackalloc byte[TurnFrame.PrefixSize];
        while (buffer.Length >= TurnFrame.PrefixSize)
        {
            buffer.Slice(0, TurnFrame.PrefixSize).CopyTo(prefix);
            var length = TurnFrame.LengthOf(prefix);
            if (length == 0) return false;
            if (buffer.Length < length) return true;
            var frame = buffer.Slice(0, length);
            if (frame.IsSingleSegment)
            {
                relay.FromClient(client, link, frame.FirstSpan);
            }
            else
            {
                frame.CopyTo(_scratch);
                relay.FromClient(client, link, _scratch.AsSpan(0, length));
            }

            buffer = buffer.Slice(length);
            if (ChannelData.IsChannel(prefix[0]) && _hasAllocation) continue;
            _hasAllocation = relay.HasAllocation(client);
            if (_hasAllocation) _messagesWithoutAllocation = 0;
            else if (++_messagesWithoutAllocation > TurnHostLimits.MessagesWithoutAllocation) return false;
        }

        return true;
    }

    private void CloseIdle()
    {
        if (_hasAllocation && relay.HasAllocation(client))
        {
            _idleSince = time.GetTimestamp();
            return;
        }

        _hasAllocation = false;
        if (time.GetElapsedTime(_idleSince) > TurnHostLimits.WithoutAllocationTime) connection.Abort();
    }
}
