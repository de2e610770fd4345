using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>
/// One WebSocket: reads frames into its stream, writes what is queued for it. Writers only enqueue; a queue that grows too long cuts the
/// socket, for nobody waits for a slow client.
/// </summary>
public sealed partial class ClientConnection(
    WebSocket socket, BatchingStream? batch, XmppStream stream, ConnectionServices services, Action authenticated, JoinTrace? trace, string address = "") : IDisposable
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    /// <summary>A batch goes out when it has this many octets: some dozens of usual stanzas.</summary>
    private const int BatchOctets = 32 * 1024;

    private static readonly TimeSpan CloseWait = TimeSpan.FromSeconds(2);

    private readonly Channel<OutboundFrame> _outgoing = Channel.CreateUnbounded<OutboundFrame>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _ownGate = new();
    private readonly SessionOutputs _outputs = new();
    private readonly CancellationTokenSource _over = new();
    private SessionHandle? _handle;
    private long _outgoingOctets;
    private long _resumedOctets;
    private int _closeReason;
    private bool _authenticatedTold;

    public SessionEndReason CloseReason => (SessionEndReason)Volatile.Read(ref _closeReason);

    private Lock Gate => _handle?.Gate ?? _ownGate;

    /// <summary>Queues a frame. Any thread.</summary>
    public void Send(OutboundFrame frame)
    {
        var octets = frame.Length(_handle is null ? default : _handle.Session.AddressBytes);
        if (Interlocked.Add(ref _outgoingOctets, octets) > SignallingLimits.OutgoingOctets + Volatile.Read(ref _resumedOctets)) Abort(SessionEndReason.OutgoingQueueFull);
        else _outgoing.Writer.TryWrite(frame);
        if (frame.Step != JoinStep.None) trace?.Delivered(frame);
    }

    /// <summary>Writes what is queued, then closes. Any thread.</summary>
    public void CloseAfterFrames(SessionEndReason reason)
    {
        Interlocked.CompareExchange(ref _closeReason, (int)reason, (int)SessionEndReason.None);
        _outgoing.Writer.TryComplete();
    }

    /// <summary>Cuts the socket. Any thread.</summary>
    public void Abort(SessionEndReason reason)
    {
        Interlocked.CompareExchange(ref _closeReason, (int)reason, (int)SessionEndReason.None);
        _outgoing.Writer.TryComplete();
        try
        {
            _over.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself meanwhile.
        }
    }

    public void Dispose()
    {
        trace?.Dispose();
        _over.Dispose();
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        using var registration = stopping.Register(() => CloseAfterFrames(SessionEndReason.ShuttingDown));
        using var negotiation = services.Clock.Time.CreateTimer(_ => NegotiationOver(), null, SignallingLimits.NegotiationTime, Timeout.InfiniteTimeSpan);
        var writing = WriteAsync();
        try
        {
            await ReadAsync();
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            // The socket broke or was cut; what that means is said below.
        }
        catch (Exception exception)
        {
            services.Metrics.Refused("internal-error");
            LogFailed(services.Logger, exception, _handle?.Session.Info.Jid.Resource ?? "");
            Interlocked.CompareExchange(ref _closeReason, (int)SessionEndReason.InternalError, (int)SessionEndReason.None);
        }

        Interlocked.CompareExchange(ref _closeReason, (int)SessionEndReason.ConnectionLost, (int)SessionEndReason.None);
        Detach();
        _outgoing.Writer.TryComplete();
        _over.CancelAfter(CloseWait);
        await writing;
        services.Metrics.SocketClosed(CloseReason);
    }

    private async Task ReadAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                var result = await socket.ReceiveAsync(buffer.AsMemory(length), _over.Token);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    // A socket closed without a closed stream is a broken connection: the session may be resumed (RFC 7395 section 3.6).
                    _outgoing.Writer.TryComplete();
                    return;
                }

                length += result.Count;
                if (length > stream.FrameOctets)
                {
                    await FailAsync("policy-violation", SessionEndReason.FrameTooBig, buffer);
                    return;
                }

                if (result.MessageType == WebSocketMessageType.Binary)
                {
                    await FailAsync("unsupported-encoding", SessionEndReason.BadFraming, buffer);
                    return;
                }

                if (!result.EndOfMessage) continue;
                services.Metrics.Received.Add(1);
                if (!TryDecode(buffer.AsSpan(0, length), out var text))
                {
                    await FailAsync("unsupported-encoding", SessionEndReason.NotWellFormed, buffer);
                    return;
                }

                var octets = length;
                length = 0;
                await StepAsync(outputs => stream.HandleFrame(text, services.Clock.Now, outputs));
                if (Pause(octets) is var pause && pause > TimeSpan.Zero) await Task.Delay(pause, services.Clock.Time, _over.Token);
                if (CloseReason != SessionEndReason.None)
                {
                    await WaitForCloseAsync(buffer);
                    return;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Our close frame is on its way; the client's answer ends the reading, or the time.</summary>
    private async Task WaitForCloseAsync(byte[] buffer)
    {
        _over.CancelAfter(CloseWait);
        while ((await socket.ReceiveAsync(buffer.AsMemory(), _over.Token)).MessageType != WebSocketMessageType.Close)
        {
            // What a client still says after its stream is closed does not count.
        }
    }

    private async Task FailAsync(string condition, SessionEndReason reason, byte[] buffer)
    {
        await StepAsync(outputs => stream.Fail(condition, reason, services.Clock.Now, outputs));
        // Read on and forget: a socket closed with unread data is reset, and the client would never see why.
        await WaitForCloseAsync(buffer);
    }

    private TimeSpan Pause(int octets)
    {
        var ofAddress = services.Octets.Take(address, octets, services.Clock.Now.Now);
        TimeSpan ofSession;
        lock (Gate) ofSession = stream.Session?.Pause(services.Clock.Now) ?? TimeSpan.Zero;
        return ofSession > ofAddress ? ofSession : ofAddress;
    }

    private async Task StepAsync(Action<SessionOutputs> step)
    {
        StreamEffect[] effects;
        lock (Gate)
        {
            // Another connection has taken the session over: what was received here and not handled, the client sends again there.
            if (_handle is not null && _handle.Connection != this) return;
            step(_outputs);
            effects = Flush();
        }

        foreach (var effect in effects) await DoAsync(effect);
        if (_authenticatedTold || !stream.IsAuthenticated) return;
        _authenticatedTold = true;
        authenticated();
    }

    private StreamEffect[] Flush()
    {
        foreach (var frame in _outputs.Frames) Send(frame);
        StreamEffect[] effects = _outputs.Effects.Count == 0 ? [] : [.. _outputs.Effects];
        _outputs.Clear();
        return effects;
    }

    private async Task DoAsync(StreamEffect effect)
    {
        switch (effect)
        {
            case DescribeHost describe:
                var mechanisms = await services.Admission.MechanismsAsync(describe.Host, _over.Token);
                await StepAsync(outputs => stream.HostDescribed(mechanisms, services.Clock.Now, outputs));
                break;
            case Admit admit:
                var result = await services.Admission.AdmitAsync(trace is null ? admit.Request : admit.Request with { TraceParent = trace.Login }, _over.Token);
                var previous = admit.PreviousId is { } id ? services.Sessions.FindResumable(id)?.Session.Info.Jid : null;
                await StepAsync(outputs => stream.Admitted(result, previous?.Domain == admit.Request.Host ? previous.Local : null, services.Clock.Now, outputs));
                break;
            case SessionBound bound:
                trace?.LoggedIn();
                var handle = services.Sessions.Add(bound.Session);
                lock (handle.Gate)
                {
                    handle.Connection = this;
                    _handle = handle;
                }

                if (services.Sessions.IsRevoked(bound.Session)) handle.Revoke();
                break;
            case SessionResumable resumable:
                services.Sessions.AddResumable(resumable.ResumeId, _handle!);
                break;
            case FindSession find:
                await ResumeAsync(find);
                break;
            case ToRoom toRoom:
                await PostAsync(trace is null ? toRoom.Input : trace.Trace(toRoom.Input));
                break;
            case CloseSocket close:
                CloseAfterFrames(close.Reason);
                break;
            default:
                services.Sessions.Do(effect, _handle!);
                break;
        }
    }

    // A link that does not take a stanza costs that stanza: its sender gets an error.
    private async Task PostAsync(RoomInput input)
    {
        try
        {
            await services.Rooms.PostAsync(input, _over.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            services.Metrics.Refused("link-failure");
            LogNotPosted(services.Logger, exception, input.From.Jid.Resource ?? "");
            await StepAsync(outputs => stream.Session?.Refuse(input.Stanza, StanzaError.InternalServerError, services.Clock.Now, outputs));
        }
    }

    private async Task ResumeAsync(FindSession find)
    {
        if (services.Sessions.FindResumable(find.PreviousId) is not { } handle)
        {
            await StepAsync(stream.ResumeFailed);
            return;
        }

        StreamEffect[] effects;
        lock (handle.Gate)
        {
            var old = handle.Connection;
            handle.Connection = null;
            if (handle.Session.IsAttached) handle.Session.Detach(SessionEndReason.Resumed, services.Clock.Now, _outputs);
            old?.Abort(SessionEndReason.Resumed);
            stream.Resume(handle.Session, services.Clock.Now, _outputs);
            if (stream.Session is not null)
            {
                _handle = handle;
                handle.Connection = this;
                // What was missed may be more than a socket that is served all along is ever behind.
                Volatile.Write(ref _resumedOctets, _outputs.Frames.Sum(frame => (long)frame.Length(handle.Session.AddressBytes)));
            }

            effects = Flush();
        }

        foreach (var effect in effects) await DoAsync(effect);
    }

    private void Detach()
    {
        StreamEffect[] effects;
        lock (Gate)
        {
            // A connection that another has replaced leaves the session alone.
            if (_handle is not null && _handle.Connection != this) return;
            stream.SocketClosed(CloseReason, services.Clock.Now, _outputs);
            if (_handle is not null) _handle.Connection = null;
            effects = Flush();
        }

        foreach (var effect in effects)
        {
            if (_handle is not null) services.Sessions.Do(effect, _handle);
        }

    }

    private async Task WriteAsync()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        try
        {
            while (await _outgoing.Reader.WaitToReadAsync(_over.Token))
            {
                batch?.Begin();
                while (_outgoing.Reader.TryRead(out var frame))
                {
                    byte[] address = _handle is null ? [] : _handle.Session.AddressBytes;
                    var length = frame.Length(address);
                    buffer.ResetWrittenCount();
                    buffer.Advance(frame.Write(address, buffer.GetSpan(length)));
                    await socket.SendAsync(buffer.WrittenMemory, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, _over.Token);
                    Interlocked.Add(ref _outgoingOctets, -length);
                    if (batch?.Waiting > BatchOctets) break;
                }

                if (batch is not null) await batch.EndAsync(_over.Token);
            }

            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                using var limit = new CancellationTokenSource(CloseWait, services.Clock.Time);
                await socket.CloseOutputAsync(StatusOf(CloseReason), null, limit.Token);
            }

            if (CloseReason != SessionEndReason.None) _over.CancelAfter(CloseWait);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or InvalidOperationException)
        {
            socket.Abort();
            await _over.CancelAsync();
        }
    }

    private void NegotiationOver()
    {
        if (stream.State is XmppStreamState.Bound or XmppStreamState.Closed) return;
        Abort(SessionEndReason.NegotiationTimeout);
    }

    private static bool TryDecode(ReadOnlySpan<byte> bytes, out string text)
    {
        try
        {
            text = StrictUtf8.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }

    private static WebSocketCloseStatus StatusOf(SessionEndReason reason) => reason switch
    {
        SessionEndReason.FrameTooBig => WebSocketCloseStatus.MessageTooBig,
        SessionEndReason.RateExceeded or SessionEndReason.UnacknowledgedQueueFull => WebSocketCloseStatus.PolicyViolation,
        SessionEndReason.BadFraming or SessionEndReason.NotWellFormed or SessionEndReason.RestrictedXml => WebSocketCloseStatus.ProtocolError,
        SessionEndReason.ShuttingDown => WebSocketCloseStatus.EndpointUnavailable,
        SessionEndReason.AuthUnreachable => WebSocketCloseStatus.EndpointUnavailable,
        SessionEndReason.InternalError => WebSocketCloseStatus.InternalServerError,
        _ => WebSocketCloseStatus.NormalClosure,
    };

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The connection of session {Session} failed; the client may resume")]
    private static partial void LogFailed(ILogger logger, Exception exception, string session);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "A stanza of session {Session} did not reach its room")]
    private static partial void LogNotPosted(ILogger logger, Exception exception, string session);
}

/// <summary>What a connection uses of its surroundings.</summary>
public sealed record ConnectionServices(
    SessionRegistry Sessions, RoomDoor Rooms, IAdmission Admission, MeshClock Clock, SignallingMetrics Metrics, AddressOctets Octets, ILogger<ClientConnection> Logger);
