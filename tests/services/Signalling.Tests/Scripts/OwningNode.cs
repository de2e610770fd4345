using System.Diagnostics.Metrics;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Stores;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Signalling.Tests.Scripts;

/// <summary>A node with the real loops, link and ownership in memory, whose store and link fail as the test says.</summary>
public sealed class OwningNode : IAsyncDisposable
{
    public const string Call = "call@muc.meet.jitsi";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly InMemoryMeshStore _inner = new(TimeProvider.System);
    private readonly InMemoryLinkHub _hub;
    private readonly SignallingMetrics _metrics = new();
    private readonly MeterListener _listener = new();
    private readonly FailingLink _link;
    private readonly SessionRegistry _sessions;
    private readonly PartitionOwner _owner;
    private readonly RoomDoor _door;
    private readonly List<IAsyncDisposable> _consumed = [];
    private long _cancelled;

    private OwningNode()
    {
        Store = new FailingStore(_inner);
        _hub = new InMemoryLinkHub(Store);
        _link = new FailingLink(new InMemoryStanzaLink(_hub, "n", NullLogger<InMemoryStanzaLink>.Instance));
        var clock = new MeshClock(TimeProvider.System);
        _sessions = new SessionRegistry(clock, _metrics);
        var services = new MailboxServices(Store, new Deliverer(_sessions, _link, _metrics, NullLogger<Deliverer>.Instance), clock, _metrics, Log);
        _owner = new PartitionOwner(new SignallingFeatures(new SignallingOptions()), new SeededRandomSource(1), services, NullLogger<PartitionOwner>.Instance);
        _door = new RoomDoor(_owner, _link);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "JitsiMesh.Signalling", Name: "signalling.refused" }) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            if (tags.Length > 0 && tags[0].Value as string == "ownership-cancelled") Interlocked.Add(ref _cancelled, count);
        });
        _listener.Start();
    }

    public FailingStore Store { get; }

    /// <summary>Called before an envelope is sent.</summary>
    public Action<LinkQueue, StanzaEnvelope>? Sending
    {
        set => _link.Sending = value;
    }

    public LogLines Log { get; } = new();

    /// <summary>What came to focus.</summary>
    public Inbox Focus { get; } = new();

    /// <summary>Ownerships that were counted as cancelled.</summary>
    public long Cancelled => Interlocked.Read(ref _cancelled);

    public PartitionMailbox? Mailbox => _owner.Mailbox(Partitions.Of(Call));

    public static async Task<OwningNode> StartAsync()
    {
        var node = new OwningNode();
        node._consumed.Add(await node._link.ConsumeNodeAsync("signalling", new NodeConsumer(node._sessions, node._metrics, mark => node._owner.Mailbox(OwnershipMark.PartitionOf(mark))?.Release(mark))));
        node._consumed.Add(await node._link.ConsumePartitionsAsync("focus", node.Focus));
        node._consumed.Add(await node._link.ConsumePartitionsAsync("signalling", node._owner));
        await node.FocusSaysAsync($"<presence xmlns='jabber:client' to='{Call}/focus'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        // Sessions of this node go a shorter way: the room must be there.
        await node.Focus.GetsAsync("code=\"110\"");
        return node;
    }

    public ValueTask FocusSaysAsync(string stanza) => _link.SendAsync(LinkQueue.Partition("signalling", Partitions.Of(Call)), new StanzaEnvelope { Room = Call, Stanza = stanza });

    /// <summary>A session of this node that is in the room.</summary>
    public async Task<Inbox> JoinsAsync(string nick)
    {
        var inbox = new Inbox();
        Assert.True(_sessions.TryAdd($"{nick}@meet.jitsi/r", inbox));
        await SaysAsync(nick, $"<presence xmlns='jabber:client' to='{Call}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await inbox.GetsAsync("code=\"110\"");
        return inbox;
    }

    public ValueTask SaysAsync(string nick, string stanza) =>
        _door.PostAsync(new RoomInput(Call, XmppParser.Parse(stanza), SessionInfo.Of(Jid.Parse($"{nick}@meet.jitsi/r"), LinkQueue.Node("signalling", "n").Name)), CancellationToken.None);

    public ValueTask SaysToAllAsync(string nick, string id) => SaysAsync(nick, $"<message xmlns='jabber:client' type='groupchat' id='{id}' to='{Call}'><body>{id}</body></message>");

    /// <summary>Ends when another ownership of the partition than the given one stands here.</summary>
    public async Task<PartitionMailbox> SucceededAsync(PartitionMailbox before)
    {
        await before.GivenUp.WaitAsync(Patience);
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            if (Mailbox is { } mailbox && mailbox != before) return mailbox;
            await Task.Delay(10, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = _consumed.Count - 1; i >= 0; i--) await _consumed[i].DisposeAsync();
        _listener.Dispose();
        _hub.Dispose();
        _metrics.Dispose();
    }

    /// <summary>What a session or focus got.</summary>
    public sealed class Inbox : IFrameSink, IPartitionConsumer
    {
        private readonly List<string> _got = [];
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Count(string part)
        {
            lock (_got) return _got.Count(text => text.Contains(part, StringComparison.Ordinal));
        }

        public async Task GetsAsync(string part)
        {
            while (true)
            {
                Task next;
                lock (_got)
                {
                    if (_got.Exists(text => text.Contains(part, StringComparison.Ordinal))) return;
                    next = _next.Task;
                }

                await next.WaitAsync(Patience);
            }
        }

        public void Deliver(OutboundFrame frame) => Add(frame.ToText(""));

        public ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation)
        {
            Add(envelope.Stanza);
            return ValueTask.CompletedTask;
        }

        public ValueTask AcquiredAsync(int partition, long epoch, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask LostAsync(int partition) => ValueTask.CompletedTask;

        private void Add(string text)
        {
            TaskCompletionSource next;
            lock (_got)
            {
                _got.Add(text);
                (next, _next) = (_next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            next.TrySetResult();
        }
    }

    /// <summary>The levels and texts of what a partition's loop has logged.</summary>
    public sealed class LogLines : ILogger<PartitionMailbox>
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines) return [.. _lines];
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add($"{logLevel} {formatter(state, exception)}");
        }
    }

    private sealed class FailingLink(IStanzaLink inner) : IStanzaLink
    {
        public Action<LinkQueue, StanzaEnvelope>? Sending { get; set; }

        public string NodeId => inner.NodeId;

        public ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation = default)
        {
            Sending?.Invoke(queue, envelope);
            return inner.SendAsync(queue, envelope, cancellation);
        }

        public ValueTask<IAsyncDisposable> ConsumeNodeAsync(string role, ILinkConsumer consumer, CancellationToken cancellation = default) => inner.ConsumeNodeAsync(role, consumer, cancellation);

        public ValueTask<IAsyncDisposable> ConsumePartitionsAsync(string role, IPartitionConsumer consumer, CancellationToken cancellation = default) => inner.ConsumePartitionsAsync(role, consumer, cancellation);
    }
}
