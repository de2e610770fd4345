using Grpc.Core;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Headless.Media;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>An exception thrown at each place where one could come up: whom it costs, and that the others notice nothing.</summary>
public sealed class ContainmentTests : IDisposable
{
    private static readonly HeadlessEndpointOptions Options = new() { AudioLevel = 30 };
    private readonly BridgeCall _call = new(1) { ExpectsErrors = true };
    private readonly HeadlessEndpoint _a;
    private readonly HeadlessEndpoint _b;
    private readonly HeadlessEndpoint _c;
    private readonly HeadlessEndpoint _x;
    private readonly HeadlessEndpoint _y;

    public ContainmentTests()
    {
        _a = _call.Join(Options with { Id = "aaaa0001" });
        _b = _call.Join(Options with { Id = "bbbb0002" });
        _c = _call.Join(Options with { Id = "cccc0003" });
        _x = _call.Join(Options with { Id = "xxxx0004" }, meeting: "other");
        _y = _call.Join(Options with { Id = "yyyy0005" }, meeting: "other");
        _call.Until(() => new[] { _a, _b, _c, _x, _y }.All(e => e.IsConnected && e.IsChannelOpen && e.Streams.Values.Any(s => s.IsVideo && s.DecodableFrames > 5)), 20);
        _call.Run(2);
    }

    public void Dispose() => _call.Dispose();

    [Fact]
    public void On_an_endpoints_clock_it_ends_that_endpoint()
    {
        Throw(ShardFault.EndpointTimer, whose => ReferenceEquals(whose, _call[_b.Id]));
        Assert.Equal(1, OnlyBEnds(() => _call.Run(1), ShardFault.EndpointTimer));
    }

    [Fact]
    public void In_what_comes_from_an_endpoint_it_ends_that_endpoint()
    {
        var b = AddressOf(1);

        // Its keep-alive is answered, and the answer cannot be sent.
        _call.Port.Committing = (remote, first) =>
        {
            if (remote == b && first <= 3) throw new InvalidOperationException("thrown by the test");
        };
        OnlyBEnds(() => _call.Run(8), null);
        Assert.True(_call.Shard.Counters.Faults(ShardFault.Datagram) + _call.Shard.Counters.Faults(ShardFault.EndpointTimer) > 0);
    }

    [Fact]
    public void In_what_goes_to_a_receiver_it_ends_that_receiver_and_not_the_sender()
    {
        var b = AddressOf(1);
        _call.Port.Committing = (remote, first) =>
        {
            if (remote == b && first is >= 128 and <= 191) throw new InvalidOperationException("thrown by the test");
        };
        OnlyBEnds(() => _call.Run(1), ShardFault.Forward);
    }

    [Fact]
    public void In_what_a_client_says_on_its_channel_it_ends_that_client()
    {
        Throw(ShardFault.Channel, whose => ReferenceEquals(whose, _call[_b.Id]));
        OnlyBEnds(
            () =>
            {
                var b = _call[_b.Id];
                _call.Shard.Run(b, ShardFault.Channel, () => b.Channel.OnMessage("{}"u8.ToArray(), overData: false, _call.Network.Now), _call.Network.Now);
                _call.Run(1);
            },
            ShardFault.Channel);
    }

    [Fact]
    public void In_what_is_said_to_a_client_it_ends_that_client_and_the_others_hear_it()
    {
        var socket = new FakeConnection();
        var b = _call[_b.Id];
        _call.Shard.Run(b, ShardFault.Channel, () => b.Channel.OnSocketOpened(socket, _call.Network.Now), _call.Network.Now);
        socket.Taking = () => throw new InvalidOperationException("thrown by the test");
        OnlyBEnds(
            () =>
            {
                _call.Say(_a, """{"colibriClass":"EndpointMessage","to":"","msgPayload":{"x":1}}""");
                _call.Run(1);
            },
            ShardFault.Channel);
        Assert.Contains(_c.Channel.Messages, m => m.Contains("EndpointMessage", StringComparison.Ordinal));

        // Its socket cannot be closed either, and it is gone all the same.
        Assert.True(_call.Shard.Counters.Faults(ShardFault.End) > 0);
    }

    [Fact]
    public void In_one_change_of_a_batch_it_ends_that_endpoint_and_the_others_are_changed()
    {
        Throw(ShardFault.Control, whose => Equals(whose, _b.Id));
        (ModifyConferenceResponse? Response, ModifyFailure? Failure) answer = default;
        OnlyBEnds(
            () =>
            {
                answer = ConferenceModifier.Modify(_call.Shard, BridgeCall.Request(r =>
                {
                    foreach (var client in new[] { _a, _b, _c }) r.Endpoints.Add(new EndpointChange { Id = client.Id, ForceMute = new ForceMute { Video = true } });
                }), false, _call.Network.Now);
            },
            ShardFault.Control);
        Assert.Equal((StatusCode.Internal, "unspecified", _b.Id), (answer.Failure!.Status, answer.Failure.Reason, answer.Failure.Endpoint));
        Assert.True(_call[_a.Id].ForceMuteVideo && _call[_c.Id].ForceMuteVideo);
    }

    [Fact]
    public void In_the_making_of_an_endpoint_it_leaves_nothing_behind()
    {
        Throw(ShardFault.Control, whose => Equals(whose, "dddd0006"));
        var (ufrags, endpoints, conferences) = (_call.Shard.UfragCount, _call.Shard.EndpointCount, _call.Shard.Conferences.Count);
        foreach (var meeting in new[] { BridgeCall.Meeting, "third" })
        {
            var (_, failure) = ConferenceModifier.Modify(_call.Shard, BridgeCall.Request(r =>
            {
                r.Create = meeting == "third";
                r.Endpoints.Add(BridgeCall.Create(Options with { Id = "dddd0006" }, rewriting: true, visitor: false));
            }, meeting), false, _call.Network.Now);
            Assert.Equal((StatusCode.Internal, "dddd0006"), (failure!.Status, failure.Endpoint));
        }

        Assert.Equal((ufrags, endpoints, conferences), (_call.Shard.UfragCount, _call.Shard.EndpointCount, _call.Shard.Conferences.Count));
        AllFlows([_a, _b, _c]);
        AllFlows([_x, _y]);
    }

    [Fact]
    public void On_a_conferences_clock_it_ends_that_conference_when_it_repeats()
    {
        Throw(ShardFault.ConferenceTimer, whose => ReferenceEquals(whose, _call.Shard.FindByMeeting("other")));
        _call.Run(2);
        Assert.Null(_call.Shard.FindByMeeting("other"));
        Assert.Equal(ConferenceLimits.MaxFaults, _call.Shard.Counters.Faults(ShardFault.ConferenceTimer));
        Assert.All(_call.Ended, e => Assert.Equal(EndpointEnd.InternalError, e.Reason));
        Assert.Equal([_x.Id, _y.Id], _call.Ended.Select(e => e.Endpoint).Order());
        AllFlows([_a, _b, _c]);
    }

    [Fact]
    public void On_a_conferences_clock_now_and_then_it_costs_nobody_anything()
    {
        var (next, thrown) = (_call.Network.Now, 0);
        _call.Shard.Trap = (kind, whose) =>
        {
            if (kind != ShardFault.ConferenceTimer || _call.Network.Now < next) return;
            (next, thrown) = (_call.Network.Now + ConferenceLimits.FaultWindow, thrown + 1);
            throw new InvalidOperationException("thrown by the test");
        };
        _call.Run(200);
        Assert.InRange(thrown, 3, 4);
        Assert.Empty(_call.Ended);
        AllFlows([_a, _b, _c]);
        AllFlows([_x, _y]);
    }

    [Fact]
    public void In_whoever_hears_of_the_shard_it_changes_nothing()
    {
        _call.Observing = () => throw new InvalidOperationException("thrown by the test");
        _call.Leave(_b);
        _call.Run(1);
        Assert.Null(_call.Conference.Find(_b.Id));
        Assert.Equal(1, _call.Shard.Counters.Faults(ShardFault.Observer));
        AllFlows([_a, _c]);
    }

    [Fact]
    public void An_endpoint_that_throws_everywhere_is_reported_once_and_gone()
    {
        var b = AddressOf(1);
        _call.Port.Committing = (remote, _) =>
        {
            if (remote == b) throw new InvalidOperationException("thrown by the test");
        };
        Throw(ShardFault.EndpointTimer, whose => ReferenceEquals(whose, _call.Conference.Find(_b.Id)) && whose is not null);
        _call.Run(2);
        Assert.Equal((_b.Id, EndpointEnd.InternalError), Assert.Single(_call.Ended));
        AllFlows([_a, _c]);
        AllFlows([_x, _y]);
    }

    private static TransportAddress AddressOf(uint index) => TransportAddress.FromIPv4(0x0A000010 + index, 5000);

    private void Throw(ShardFault where, Func<object?, bool> whose) => _call.Shard.Trap = (kind, who) =>
    {
        if (kind == where && whose(who)) throw new InvalidOperationException("thrown by the test");
    };

    private long OnlyBEnds(Action act, ShardFault? counted)
    {
        var (endpoints, addresses, ufrags) = (_call.Shard.EndpointCount, _call.Shard.AddressCount, _call.Shard.UfragCount);
        var addressesOfB = _call[_b.Id].Addresses.Count;
        act();
        Assert.Equal((_b.Id, EndpointEnd.InternalError), Assert.Single(_call.Ended));
        Assert.Equal((endpoints - 1, addresses - addressesOfB, ufrags - 1), (_call.Shard.EndpointCount, _call.Shard.AddressCount, _call.Shard.UfragCount));
        Assert.NotEmpty(_call.Errors);
        AllFlows([_a, _c]);
        AllFlows([_x, _y]);
        if (counted is not { } kind) return 0;
        Assert.True(_call.Shard.Counters.Faults(kind) > 0);
        return _call.Shard.Counters.Faults(kind);
    }

    /// <summary>Everybody hears everybody, with no packet lost since the beginning.</summary>
    private void AllFlows(IReadOnlyList<HeadlessEndpoint> clients)
    {
        var before = clients.ToDictionary(c => c.Id, c => c.Streams.Values.Where(s => !s.IsVideo).Sum(s => s.Packets));
        _call.Run(1);
        foreach (var client in clients)
        {
            Assert.True(client.IsConnected, client.Id);
            var heard = client.Streams.Values.Where(s => !s.IsVideo).ToList();
            Assert.InRange(heard.Sum(s => s.Packets) - before[client.Id], 45 * (clients.Count - 1), 55 * (clients.Count - 1));
            Assert.Equal(0, heard.Sum(s => s.Lost));
            Assert.Equal(0, client.Streams.Values.Where(s => s.IsVideo).Sum(s => s.Lost));
        }
    }
}
