using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Links;
using JitsiMesh.Focus.Telemetry;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Hosting.Connections;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Jingle;
using JitsiMesh.Kit.Stores;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Focus.Tests.Links;

/// <summary>Whole focus nodes on the link, the store and the gRPC of one process, with a hand-made signalling and a fake bridge.</summary>
public sealed partial class FocusNodesTests : IAsyncLifetime, IDisposable
{
    private const string Room = FocusScenario.Room;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeBridge _bridge = new("jvb-1");
    private readonly FaultyRandomSource _random = new(3);
    private readonly Signalling _signalling = new();
    private readonly FailingStore _store;
    private readonly InMemoryLinkHub _hub;
    private readonly InMemoryStanzaLink _signallingLink;
    private IAsyncDisposable? _consumption;

    public FocusNodesTests()
    {
        var inner = new InMemoryMeshStore(_time);
        _store = new FailingStore(inner);
        _hub = new InMemoryLinkHub(inner);
        _signallingLink = new InMemoryStanzaLink(_hub, "signalling-1", NullLogger<InMemoryStanzaLink>.Instance);
    }

    public async Task InitializeAsync() => _consumption = await _signallingLink.ConsumePartitionsAsync("signalling", _signalling);

    public async Task DisposeAsync()
    {
        if (_consumption is not null) await _consumption.DisposeAsync();
    }

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task A_request_on_the_link_is_answered_and_people_are_invited()
    {
        await using var node = await Node.StartAsync("focus-1", this);
        await MeetAsync(node);
        Assert.Equal(["ann", "bob"], _bridge.Conferences["5f2d"].Endpoints.Keys);
        var summary = node.Partitions.Conferences.Single().Summary;
        Assert.Equal(("5f2d", "Active", 2), (summary.MeetingId, summary.Phase, summary.Participants.Count));
    }

    [Fact]
    public async Task Another_node_goes_on_where_the_first_one_stopped()
    {
        var first = await Node.StartAsync("focus-1", this);
        await MeetAsync(first);
        await first.DisposeAsync();
        await using var second = await Node.StartAsync("focus-2", this);
        var sid = second.Partitions.Conferences.Single().Summary;
        Assert.Equal(2, sid.Participants.Count);
        await SendAsync(Stanzas.Iq("get", "disco-1", "focus@auth.meet.example/focus", new XmppElement("query", Namespaces.DiscoInfo), $"{Room}/ann"));
        await _signalling.WaitForAsync(stanza => stanza["id"] == "disco-1" && stanza["type"] == "result");
        await JoinAsync("cid");
        await _signalling.WaitForAsync(stanza => stanza["to"] == $"{Room}/cid" && stanza.Child("jingle")?["action"] == "session-initiate");
        Assert.DoesNotContain(_signalling.Seen, stanza => stanza.Child("jingle")?["action"] == "session-terminate");
        Assert.DoesNotContain(_signalling.Seen, stanza => stanza.Name == "presence" && stanza["type"] == "unavailable");
        Assert.Equal(["ann", "bob", "cid"], _bridge.Conferences["5f2d"].Endpoints.Keys);
    }

    [Fact]
    public async Task A_joins_trace_goes_on_with_the_next_owner_of_the_conference()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "JitsiMesh.Focus",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var first = await Node.StartAsync("focus-1", this);
        await MeetAsync(first, $"00-{Trace}-b7ad6b7169203331-01");
        await WaitAsync(() => Invites() == 2);
        await first.DisposeAsync();
        await using var second = await Node.StartAsync("focus-2", this);
        _bridge.Restart();
        _time.Advance(TimeSpan.FromSeconds(1));
        second.Watch.Observe(new BridgeStatusReported { BridgeId = "jvb-1", Number = 1, StartedAt = _time.GetUtcNow(), ControlAddress = "inproc:jvb-1" });

        await WaitAsync(() => Invites() == 4);
        Assert.All(spans.Where(span => span.OperationName == "call bridge: allocate"), span => Assert.Equal(Trace, span.TraceId.ToString()));

        int Invites() => spans.Count(span => span.OperationName == "invite" && span.TraceId.ToString() == Trace && span.ParentSpanId.ToString() == "b7ad6b7169203331" && span.Status == ActivityStatusCode.Unset);
    }

    [Fact]
    public async Task Jingle_that_is_refused_is_counted_by_its_condition()
    {
        var refused = new ConcurrentQueue<string?>();
        using var meters = new MeterListener();
        await using var node = await Node.StartAsync("focus-1", this);
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "focus.jingle.refusals" && instrument.Meter == node.Meter) listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>((_, _, tags, _) => refused.Enqueue(tags[0].Value as string));
        meters.Start();
        await MeetAsync(node);
        await JingleAsync("ann", "j1", new JingleMessage { Action = JingleAction.SessionAccept, Sid = "another" });
        await JingleAsync("ann", "j2", new JingleMessage { Action = JingleAction.TransportInfo, Sid = _signalling.Seen.Last(stanza => stanza["to"] == $"{Room}/ann" && stanza.Child("jingle") is not null).Child("jingle")!["sid"]! });

        Assert.Equal(["bad-request", "bad-request"], refused);
    }

    private async Task JingleAsync(string nick, string id, JingleMessage message)
    {
        await SendAsync(Stanzas.Iq("set", id, "focus@auth.meet.example/focus", JingleFormat.Format(message), $"{Room}/{nick}"));
        await _signalling.WaitForAsync(stanza => stanza["id"] == id && stanza["type"] == "error");
    }

    [Fact]
    public async Task A_stanza_for_no_conference_is_answered_with_an_error()
    {
        await using var node = await Node.StartAsync("focus-1", this);
        await SendAsync(Stanzas.Iq("get", "stray", "focus@auth.meet.example/focus", new XmppElement("query", Namespaces.DiscoInfo), $"{Room}/ann"));
        var answer = await _signalling.WaitForAsync(stanza => stanza["id"] == "stray");
        Assert.Equal("item-not-found", StanzaError.Read(answer).Condition);
        await SendAsync(Stanzas.Iq("set", "bad", "focus.meet.example", new XmppElement("conference", Namespaces.Focus), "ann@meet.example/web"));
        Assert.Equal("bad-request", StanzaError.Read(await _signalling.WaitForAsync(stanza => stanza["id"] == "bad")).Condition);
        Assert.Empty(node.Partitions.Conferences);
    }

    [Fact]
    public async Task A_conference_that_nobody_joins_is_gone_from_the_store_in_time()
    {
        await using var node = await Node.StartAsync("focus-1", this);
        await RequestAsync();
        Assert.Single(await _store.KeysAsync(ConferenceDocument.KeyPrefix(Partitions.Of(Room))));
        _time.Advance(TimeSpan.FromSeconds(16));
        await _signalling.WaitForAsync(stanza => stanza.Name == "presence" && stanza["type"] == "unavailable");
        await WaitAsync(() => !node.Partitions.Conferences.Any());
        Assert.Empty(await _store.KeysAsync(ConferenceDocument.KeyPrefix(Partitions.Of(Room))));
    }

    [Fact]
    public async Task A_bridge_that_cannot_be_reached_is_lost_after_two_checks()
    {
        await using var node = await Node.StartAsync("focus-1", this);
        await MeetAsync(node);
        _bridge.Lost = true;
        for (var second = 0; second < 4 && !node.Watch.Snapshot.Bridges[0].Lost; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            var checks = node.Bridge.Checks;
            await WaitAsync(() => node.Bridge.Checks > checks || node.Watch.Snapshot.Bridges[0].Lost, mayTimeOut: true);
        }

        await _signalling.WaitForAsync(stanza => stanza.Child("jingle")?.Child("reason")?.Child("text")?.Text == "moving");
    }

    private async Task RequestAsync()
    {
        var conference = new XmppElement("conference", Namespaces.Focus, ("room", Room));
        await SendAsync(Stanzas.Iq("set", "c1", "focus.meet.example", conference, "ann@meet.example/web"));
        await _signalling.WaitForAsync(stanza => stanza.Name == "presence" && stanza.Child("x", Namespaces.Muc) is not null);
        var own = Stanzas.Presence(null, "focus@auth.meet.example/focus", $"{Room}/focus");
        own.Add(new XmppElement("x", Namespaces.MucUser).Add(new XmppElement("item", Namespaces.MucUser, ("affiliation", "owner"), ("role", "moderator"))));
        await SendAsync(own);
        foreach (var type in new[] { "get", "set" })
        {
            var iq = await _signalling.WaitForAsync(stanza => stanza["type"] == type && stanza.Child("query", Namespaces.MucOwner) is not null);
            XmppElement? form = null;
            if (type == "get")
            {
                form = new XmppElement("query", Namespaces.MucOwner).Add(new XmppElement("x", Namespaces.DataForm).Add(
                    new XmppElement("field", Namespaces.DataForm, ("var", "muc#roominfo_meetingId")).Add(new XmppElement("value", Namespaces.DataForm).AddText("5f2d"))));
            }

            await SendAsync(Stanzas.Iq("result", iq["id"]!, "focus@auth.meet.example/focus", form, Room));
        }

        await _signalling.WaitForAsync(stanza => stanza["id"] == "c1" && stanza.Child("conference")?["ready"] == "true");
    }

    private async Task JoinAsync(string nick, string? trace = null)
    {
        var client = new FakeClient(nick);
        await SendAsync(client.Presence(Room), trace);
        var ask = await _signalling.WaitForAsync(stanza => stanza["to"] == $"{Room}/{nick}" && stanza.Child("query", Namespaces.DiscoInfo) is not null);
        var info = new XmppElement("query", Namespaces.DiscoInfo);
        foreach (var feature in client.Features) info.Add(new XmppElement("feature", Namespaces.DiscoInfo, ("var", feature)));
        await SendAsync(Stanzas.Iq("result", ask["id"]!, "focus@auth.meet.example/focus", info, $"{Room}/{nick}"));
    }

    private async Task MeetAsync(Node node, string? trace = null)
    {
        node.Watch.Observe(new BridgeStatusReported { BridgeId = "jvb-1", Number = 1, StartedAt = _time.GetUtcNow(), ControlAddress = "inproc:jvb-1" });
        await RequestAsync();
        foreach (var nick in new[] { "ann", "bob" }) await JoinAsync(nick, trace);
        foreach (var nick in new[] { "ann", "bob" })
        {
            var initiate = await _signalling.WaitForAsync(stanza => stanza["to"] == $"{Room}/{nick}" && stanza.Child("jingle")?["action"] == "session-initiate");
            await SendAsync(Stanzas.Result(Readdressed(initiate)));
            await SendAsync(Stanzas.Iq("set", nick + "-accept", "focus@auth.meet.example/focus", new FakeClient(nick).Accept(initiate.Child("jingle")!["sid"]!), $"{Room}/{nick}"));
            await _signalling.WaitForAsync(stanza => stanza["id"] == nick + "-accept" && stanza["type"] == "result");
        }

        await WaitAsync(() => node.Partitions.Conferences.Single().Summary.PendingCalls == 0);
    }

    private static XmppElement Readdressed(XmppElement iq)
    {
        var copy = iq.ShallowClone();
        copy["from"] = "focus@auth.meet.example/focus";
        return copy;
    }

    private ValueTask SendAsync(XmppElement stanza, string? trace = null) => _signallingLink.SendAsync(
        LinkQueue.Partition("focus", Partitions.Of(Room)), new StanzaEnvelope { Room = Room, Stanza = stanza.ToString(), TraceParent = trace });

    // A condition that other threads bring about, without any clock of the system under test.
    private static async Task WaitAsync(Func<bool> condition, bool mayTimeOut = false, double seconds = 1)
    {
        using var limit = new CancellationTokenSource(mayTimeOut ? TimeSpan.FromSeconds(seconds) : Patience);
        while (!condition())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.True(mayTimeOut, "The condition did not come about.");
                return;
            }

            await Task.Yield();
        }
    }

    private sealed class Node : IAsyncDisposable
    {
        private readonly IDisposable _registration;
        private readonly MeterFactory _meters = new();

        private Node(string id, FocusNodesTests test)
        {
            var options = new FocusOptions { XmppDomain = "meet.example", AuthDomain = "auth.meet.example", MucDomain = "conference.meet.example" };
            var clock = new FocusClock(test._time);
            var connections = new InProcessBridges();
            Bridge = new BridgeService(test._bridge);
            _registration = connections.Register("jvb-1", Bridge);
            Metrics = new FocusMetrics(_meters);
            var caller = new BridgeCaller(connections, clock, options, Metrics);
            Watch = new BridgeWatch(caller, clock, options, NullLogger<BridgeWatch>.Instance);
            var link = new InMemoryStanzaLink(test._hub, id, NullLogger<InMemoryStanzaLink>.Instance);
            var services = new ConferenceServices(options, link, test._store, caller, Watch, new CapsCache(), clock, Metrics, test._random, NullLoggerFactory.Instance);
            Partitions = new FocusPartitions(services, new SessionTickets(test._store, test._random, clock, options), NullLogger<FocusPartitions>.Instance);
        }

        public Meter Meter => _meters.Single;

        public FocusPartitions Partitions { get; }

        public FocusMetrics Metrics { get; }

        public BridgeWatch Watch { get; }

        public BridgeService Bridge { get; }

        public static async Task<Node> StartAsync(string id, FocusNodesTests test)
        {
            var node = new Node(id, test);
            await node.Watch.StartAsync(CancellationToken.None);
            await node.Partitions.StartAsync(CancellationToken.None);
            return node;
        }

        public async ValueTask DisposeAsync()
        {
            await Partitions.DisposeAsync();
            await Watch.StopAsync(CancellationToken.None);
            Watch.Dispose();
            _registration.Dispose();
            _meters.Dispose();
        }
    }

    /// <summary>The queue of signalling's partitions: what the focus sends.</summary>
    private sealed class Signalling : IPartitionConsumer
    {
        private readonly Lock _lock = new();
        private readonly List<XmppElement> _seen = [];
        private readonly HashSet<XmppElement> _taken = [];
        private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<XmppElement> Seen
        {
            get
            {
                lock (_lock) return [.. _seen];
            }
        }

        public ValueTask AcquiredAsync(int partition, long epoch, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask LostAsync(int partition) => ValueTask.CompletedTask;

        public ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation)
        {
            lock (_lock)
            {
                _seen.Add(XmppParser.Parse(envelope.Stanza));
                _news.TrySetResult();
                _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return ValueTask.CompletedTask;
        }

        /// <summary>The first stanza of that kind that nobody has waited for yet.</summary>
        public async Task<XmppElement> WaitForAsync(Func<XmppElement, bool> match)
        {
            while (true)
            {
                Task news;
                lock (_lock)
                {
                    var found = _seen.Find(stanza => !_taken.Contains(stanza) && match(stanza));
                    if (found is not null)
                    {
                        _taken.Add(found);
                        return found;
                    }

                    news = _news.Task;
                }

                await news.WaitAsync(Patience);
            }
        }
    }

    private sealed class BridgeService(FakeBridge bridge) : BridgeControl.BridgeControlBase
    {
        private int _checks;

        public int Checks => Volatile.Read(ref _checks);

        public override Task<ModifyConferenceResponse> ModifyConference(ModifyConferenceRequest request, ServerCallContext context)
        {
            if (bridge.Lost) throw new RpcException(new Status(StatusCode.Unavailable, "gone"));
            var reply = bridge.Handle(request);
            return reply.Response is { } response
                ? Task.FromResult(response)
                : throw new RpcException(new Status(StatusCode.Internal, reply.Failure.ToString()), new Metadata { { "reason", "unspecified" } });
        }

        public override Task<CheckHealthResponse> CheckHealth(CheckHealthRequest request, ServerCallContext context)
        {
            Interlocked.Increment(ref _checks);
            return bridge.Lost ? throw new RpcException(new Status(StatusCode.Unavailable, "gone")) : Task.FromResult(new CheckHealthResponse { Healthy = true });
        }
    }

    private sealed class InProcessBridges : IBridgeConnections
    {
        private readonly Dictionary<string, CallInvoker> _bridges = [];

        public CallInvoker Invoker(string controlAddress) => _bridges[controlAddress["inproc:".Length..]];

        public IDisposable Register(string bridgeId, BridgeControl.BridgeControlBase bridge)
        {
            _bridges[bridgeId] = new DirectInvoker(bridge);
            return new Nothing();
        }

        private sealed class Nothing : IDisposable
        {
            public void Dispose()
            {
            }
        }
    }

    /// <summary>Unary calls straight to a service object.</summary>
    private sealed class DirectInvoker(BridgeControl.BridgeControlBase bridge) : CallInvoker
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        {
            async Task<TResponse> CallAsync()
            {
                await Task.Yield();
                object response = request switch
                {
                    ModifyConferenceRequest modify => await bridge.ModifyConference(modify, null!),
                    CheckHealthRequest check => await bridge.CheckHealth(check, null!),
                    _ => throw new NotSupportedException(method.Name),
                };
                return (TResponse)response;
            }

            return new AsyncUnaryCall<TResponse>(CallAsync(), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
        }

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();
    }

    private sealed class MeterFactory : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Single => _meters.Single();

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose()
        {
            foreach (var meter in _meters) meter.Dispose();
        }
    }
}
