using System.Buffers;
using System.Net.WebSockets;
using System.Threading.Channels;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>
/// One client's connection: reads what comes into its stream, writes what is queued for it. Writers only enqueue; a queue that grows too long cuts the
/// connection, for nobody waits for a slow client.
/// </summary>
public sealed partial class ClientConnection(
    ClientTransport transport, XmppStream stream, ConnectionServices services, Action authenticated, JoinTrace? trace, string address = "") : IDisposable
{
    /// <summary>A batch goes out when it has this many octets: some dozens of usual stanzas.</summary>
    private const int BatchOctets = 32 * 1024;

    private static readonly TimeSpan CloseWait = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan IdlePoll = TimeSpan.FromMilliseconds(2);

    private readonly Channel<OutboundFrame> _outgoing = Channel.CreateUnbounded<OutboundFrame>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _ownGate = new();
    private readonly SessionOutputs _outputs = new();
    private readonly CancellationTokenSource _over = new();
    private SessionHandle? _handle;
    private MonotonicTime _heard = services.Clock.Now.Now;
    private bool _pinged;
    private long _outgoingOctets;
    private long _resumedOctets;
    private int _closeReason;
    private bool _authenticatedTold;
    private bool _handling;

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

    /// <summary>What this connection has begun for its session is done: each stanza that was counted is with its room's owner, or its sender has an error. Only for a connection that has lost its session.</summary>
    public async Task WhenIdleAsync(CancellationToken cancellation)
    {
        while (Volatile.Read(ref _handling)) await Task.Delay(IdlePoll, services.Clock.Time, cancellation);
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
        using var silence = transport.NeedsPings ? services.Clock.Time.CreateTimer(_ => LookForSilence(), null, SignallingLimits.SilenceAnswerTime, SignallingLimits.SilenceAnswerTime) : null;
        transport.Heard = Heard;
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
        Volatile.Write(ref _handling, false);
        _outgoing.Writer.TryComplete();
        _over.CancelAfter(CloseWait);
        await writing;
        services.Metrics.SocketClosed(CloseReason);
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            var input = await transport.ReceiveAsync(stream.FrameOctets, _over.Token);
            // Before the gate is entered, so that a caller that has taken the session away inside the gate sees it.
            Volatile.Write(ref _handling, true);
            switch (input.Kind)
            {
                case ClientInputKind.Closed:
                    // A connection closed without a closed stream is a broken one: the session may be resumed.
                    _outgoing.Writer.TryComplete();
                    return;
                case ClientInputKind.Refused:
                    await FailAsync(input.Condition, input.Reason);
                    return;
                case ClientInputKind.Space:
                    await HandleSpaceAsync(input.Octets);
                    break;
                case ClientInputKind.Part:
                    services.Metrics.Received.Add(1);
                    await HandlePartAsync(input.Part);
                    if (stream.State == XmppStreamState.Restarting) transport.Restart();
                    break;
                default:
                    services.Metrics.Received.Add(1);
                    await HandleFrameAsync(input.Text);
                    break;
            }

            Volatile.Write(ref _handling, false);
            if (Pause(input.Octets) is var pause && pause > TimeSpan.Zero) await Task.Delay(pause, services.Clock.Time, _over.Token);
            if (CloseReason == SessionEndReason.None) continue;
            await WaitForCloseAsync();
            return;
        }
    }

    // Of their own, so that each closure holds no more than it needs.
    private Task HandleFrameAsync(string text) => StepAsync(outputs => stream.HandleFrame(text, services.Clock.Now, outputs));

    private Task HandlePartAsync(XmppStreamPart part) => StepAsync(outputs => stream.Handle(part, services.Clock.Now, outputs));

    private Task HandleSpaceAsync(int octets) => StepAsync(outputs => stream.HandleSpace(octets, services.Clock.Now, outputs));

    /// <summary>Our close is on its way; the client's answer ends the reading, or the time.</summary>
    private async Task WaitForCloseAsync()
    {
        _over.CancelAfter(CloseWait);
        await transport.DrainAsync(_over.Token);
    }

    private async Task FailAsync(string condition, SessionEndReason reason)
    {
        await StepAsync(outputs => stream.Fail(condition, reason, services.Clock.Now, outputs));
        await WaitForCloseAsync();
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
        SessionHandle? posting = null;
        lock (Gate)
        {
            // Another connection has taken the session over: what was received here and not handled, the client sends again there.
            if (_handle is not null && _handle.Connection != this) return;
            step(_outputs);
            if (_handle?.Session.HasRecord == true && _outputs.Effects.Exists(static effect => effect is ToRoom))
            {
                posting = _handle;
                posting.Session.BeginEffects();
            }

            effects = Flush();
        }

        try
        {
            foreach (var effect in effects) await DoAsync(effect);
        }
        finally
        {
            posting?.Record(static (session, outputs) => session.EndEffects(outputs));
        }

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
                var previous = admit.PreviousId is { } id ? (await FindAsync(id))?.Session.Info.Jid : null;
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
        catch (OperationCanceledException) when (input.SessionNumber is not null)
        {
            // The socket is gone, and the client takes the stanza for handled. The room knows it by its number where it has it already.
            services.Rooms.Post(input);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            services.Metrics.Refused("link-failure");
            LogNotPosted(services.Logger, exception, input.From.Jid.Resource ?? "");
            await StepAsync(outputs => stream.Session?.Refuse(input.Stanza, StanzaError.InternalServerError, services.Clock.Now, outputs));
        }
    }

    private async ValueTask<SessionHandle?> FindAsync(string resumeId) =>
        services.Sessions.FindResumable(resumeId) ?? (services.Elsewhere is { } elsewhere ? await elsewhere.FindAsync(resumeId, _over.Token) : null);

    private async Task ResumeAsync(FindSession find)
    {
        var handle = await FindAsync(find.PreviousId);
        if (handle is null && !services.Sessions.IsLeaving)
        {
            services.Metrics.Refused("resume-unknown");
            await StepAsync(stream.ResumeFailed);
            return;
        }

        // It is with another node by now, where the client's next try finds it.
        if (handle is null || !await TryResumeAsync(handle)) CloseAfterFrames(SessionEndReason.ShuttingDown);
    }

    private async Task<bool> TryResumeAsync(SessionHandle handle)
    {
        StreamEffect[] effects;
        lock (handle.Gate)
        {
            if (handle.IsFrozen) return false;
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
            else
            {
                services.Metrics.Refused("resume-not-possible");
            }

            effects = Flush();
        }

        foreach (var effect in effects) await DoAsync(effect);
        return true;
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
                transport.BeginBatch();
                while (_outgoing.Reader.TryRead(out var next))
                {
                    var frame = ReferenceEquals(next, StreamFrames.Close) ? transport.Close : next;
                    byte[] address = _handle is null ? [] : _handle.Session.AddressBytes;
                    var length = frame.Length(address);
                    buffer.ResetWrittenCount();
                    buffer.Advance(frame.Write(address, buffer.GetSpan(length)));
                    await transport.SendAsync(buffer.WrittenMemory, _over.Token);
                    Interlocked.Add(ref _outgoingOctets, -next.Length(address));
                    if (transport.Waiting > BatchOctets) break;
                }

                await transport.EndBatchAsync(_over.Token);
            }

            using (var limit = new CancellationTokenSource(CloseWait, services.Clock.Time)) await transport.CloseOutputAsync(CloseReason, limit.Token);
            if (CloseReason != SessionEndReason.None) _over.CancelAfter(CloseWait);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or InvalidOperationException)
        {
            transport.Abort();
            await _over.CancelAsync();
        }
    }

    private void Heard()
    {
        lock (_ownGate)
        {
            _heard = services.Clock.Now.Now;
            _pinged = false;
        }
    }

    /// <summary>Asks a client that has said nothing for a while whether it is there, and gives up one that does not answer.</summary>
    private void LookForSilence()
    {
        if (_handle is not { } handle || !ReferenceEquals(handle.Connection, this)) return;
        bool pinged;
        lock (_ownGate)
        {
            if (services.Clock.Now.Now - _heard < SignallingLimits.SilenceTime) return;
            pinged = _pinged;
            _pinged = true;
        }

        if (pinged) Abort(SessionEndReason.ConnectionLost);
        else handle.Deliver(OutboundFrame.Stanza(stream.Ping()));
    }

    private void NegotiationOver()
    {
        if (stream.State is XmppStreamState.Bound or XmppStreamState.Closed) return;
        Abort(SessionEndReason.NegotiationTimeout);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The connection of session {Session} failed; the client may resume")]
    private static partial void LogFailed(ILogger logger, Exception exception, string session);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "A stanza of session {Session} did not reach its room")]
    private static partial void LogNotPosted(ILogger logger, Exception exception, string session);
}

/// <summary>What a connection uses of its surroundings.</summary>
public sealed record ConnectionServices(
    SessionRegistry Sessions, RoomDoor Rooms, IAdmission Admission, MeshClock Clock, SignallingMetrics Metrics, AddressOctets Octets, ILogger<ClientConnection> Logger)
{
    /// <summary>Null where no other node hands sessions over.</summary>
    public ISessionSource? Elsewhere { get; init; }
}
