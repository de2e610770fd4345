using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Bosh;

/// <summary>A stream in the bodies of HTTP requests and answers (XEP-0206): a <see cref="BoshSession"/> with a clock, between the requests of a client and its <see cref="ClientConnection"/>.</summary>
internal sealed class BoshTransport : ClientTransport, IDisposable
{
    private readonly Lock _gate = new();
    private readonly MeshClock _clock;
    private readonly ITimer _timer;
    private readonly BoshSession _session;
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _said;
    private TaskCompletionSource? _room;
    private bool _failed;
    private bool _batching;

    /// <param name="clock">The time.</param>
    /// <param name="host">The host that the client named first.</param>
    /// <param name="attributes">Of the first answer.</param>
    /// <param name="wait">How long a request is held.</param>
    /// <param name="hold">How many are held.</param>
    public BoshTransport(MeshClock clock, string host, string attributes, TimeSpan wait, int hold)
    {
        _clock = clock;
        Host = host;
        _session = new BoshSession(attributes, wait, hold, clock.Now.Now);
        _timer = clock.Time.CreateTimer(static state => ((BoshTransport)state!).LookAgain(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Host { get; }

    /// <summary>The longest element that is taken now, in octets.</summary>
    public int ElementOctets { get; private set; } = SignallingLimits.NegotiationFrameOctets;

    /// <summary>The client knows that the session is over, or has had its time to learn it.</summary>
    public Task Over => _over.Task;

    /// <summary>A request of the client is open.</summary>
    internal bool Holds
    {
        get
        {
            lock (_gate) return _session.Holds;
        }
    }

    public override OutboundFrame Close => StreamFraming.Bosh.Close;

    // What is sent waits here whether in a batch or not; a batch ends when there is enough for an answer.
    public override int Waiting
    {
        get
        {
            lock (_gate) return _session.Waiting;
        }
    }

    public BoshTaken Take(BoshRequest request)
    {
        lock (_gate)
        {
            var taken = _session.Take(request, _clock.Now.Now);
            if (taken == BoshTaken.LastWord) _over.TrySetResult();
            Wake();
            return taken;
        }
    }

    /// <summary>The connection of a request was closed by the client.</summary>
    public void Leave(BoshWaiter waiter)
    {
        lock (_gate)
        {
            _session.Leave(waiter, _clock.Now.Now);
            Wake();
        }
    }

    public override async ValueTask<ClientInput> ReceiveAsync(int maximum, CancellationToken cancellation)
    {
        while (true)
        {
            Task said;
            lock (_gate)
            {
                ElementOctets = maximum;
                var found = _session.TryTakeInput(maximum, _clock.Now.Now, out var input);
                Signal();
                if (found) return input;
                said = (_said ??= NewSignal()).Task;
            }

            await said.WaitAsync(cancellation);
        }
    }

    // The answers that the client still has to get are nothing that it says.
    public override ValueTask DrainAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public override ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (frame.Span.StartsWith("<stream:error"u8)) _failed = true;
            _session.Send(frame.Span);
            if (_batching) return ValueTask.CompletedTask;
            _session.Look(_clock.Now.Now);
            Signal();
        }

        return ValueTask.CompletedTask;
    }

    public override void BeginBatch()
    {
        lock (_gate) _batching = true;
    }

    /// <summary>Gives what there is to a request that is open, and waits while too much is left: a client that asks slowly is read slowly.</summary>
    public override async ValueTask EndBatchAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                _batching = false;
                _session.Look(_clock.Now.Now);
                Signal();
                if (_session.Waiting <= BoshLimits.AnswerOctets) return;
                room = (_room ??= NewSignal()).Task;
            }

            await room.WaitAsync(cancellation);
        }
    }

    public override Task CloseOutputAsync(SessionEndReason reason, CancellationToken cancellation)
    {
        End(reason);
        return Task.CompletedTask;
    }

    public override void Abort()
    {
        // Why, says the connection when it has ended.
    }

    /// <summary>The session is over: says so to the client.</summary>
    public void End(SessionEndReason reason)
    {
        lock (_gate)
        {
            if (_session.IsEnded) return;
            if (_session.End(ConditionOf(reason))) _over.TrySetResult();
            else _timer.Change(BoshLimits.LastWordTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>XEP-0124 section 17.2.</summary>
    private string? ConditionOf(SessionEndReason reason) => reason switch
    {
        SessionEndReason.ClosedByClient => null,
        SessionEndReason.UnknownHost => "host-unknown",
        SessionEndReason.AuthUnreachable => "remote-connection-failed",
        _ when _failed => "remote-stream-error",
        SessionEndReason.ShuttingDown => "system-shutdown",
        SessionEndReason.InternalError => "internal-server-error",
        SessionEndReason.OutgoingQueueFull or SessionEndReason.NegotiationTimeout => "policy-violation",
        SessionEndReason.Resumed => "other-request",
        _ => "item-not-found",
    };

    private void LookAgain()
    {
        lock (_gate)
        {
            if (_session.IsEnded)
            {
                _over.TrySetResult();
                return;
            }

            _session.Look(_clock.Now.Now);
            Wake();
        }
    }

    /// <summary>Something may have come from the client, or nothing for too long.</summary>
    private void Wake()
    {
        var said = _said;
        _said = null;
        said?.TrySetResult();
        Signal();
    }

    /// <summary>Lets the writer continue where there is room again, and sets the timer for what is due next.</summary>
    private void Signal()
    {
        if (_room is { } room && _session.Waiting <= BoshLimits.AnswerOctets)
        {
            _room = null;
            room.TrySetResult();
        }

        if (_session.IsEnded) return;
        var due = _session.Due;
        var left = due == Primitives.MonotonicTime.Never ? Timeout.InfiniteTimeSpan : due - _clock.Now.Now;
        _timer.Change(left < TimeSpan.Zero && due != Primitives.MonotonicTime.Never ? TimeSpan.Zero : left, Timeout.InfiniteTimeSpan);
    }
}
