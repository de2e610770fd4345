using Grpc.Core;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Hosting.Connections;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Hosting.Tests.Connections;

/// <summary>Signalling's way to several instances of auth.</summary>
public sealed class AlternatingCallInvokerTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1));
    private readonly Instance[] _instances = [new("a"), new("b")];

    [Fact]
    public async Task Instances_are_asked_in_turn()
    {
        var client = Client();
        for (var i = 0; i < 10; i++) await client.DescribeHostAsync(new DescribeHostRequest());
        Assert.Equal((5, 5), (_instances[0].Asked, _instances[1].Asked));
    }

    [Fact]
    public async Task A_call_that_one_cannot_take_goes_to_the_other_and_the_dead_one_is_left_alone_for_a_while()
    {
        var client = Client();
        _instances[0].Failure = StatusCode.Unavailable;
        for (var i = 0; i < 10; i++) Assert.Equal("b", (await client.DescribeHostAsync(new DescribeHostRequest())).Mechanisms.Single());
        Assert.Equal((1, 10), (_instances[0].Asked, _instances[1].Asked));

        _instances[0].Failure = StatusCode.OK;
        _time.Advance(AlternatingCallInvoker.Pause);
        for (var i = 0; i < 10; i++) await client.DescribeHostAsync(new DescribeHostRequest());
        Assert.Equal((6, 15), (_instances[0].Asked, _instances[1].Asked));
    }

    [Fact]
    public async Task When_none_can_the_call_fails_and_all_are_asked_the_next_time()
    {
        var client = Client();
        foreach (var instance in _instances) instance.Failure = StatusCode.Unavailable;
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(async () => await client.DescribeHostAsync(new DescribeHostRequest()))).StatusCode);
            Assert.Equal((i, i), (_instances[0].Asked, _instances[1].Asked));
        }
    }

    [Fact]
    public async Task What_one_has_refused_is_not_asked_of_the_other()
    {
        var client = Client();
        _instances[0].Failure = _instances[1].Failure = StatusCode.Unauthenticated;
        await Assert.ThrowsAsync<RpcException>(async () => await client.DescribeHostAsync(new DescribeHostRequest()));
        Assert.Equal(1, _instances[0].Asked + _instances[1].Asked);
    }

    private Contracts.Auth.Admission.AdmissionClient Client() =>
        new(new AlternatingCallInvoker([.. _instances.Select(instance => InProcessCallInvoker.Create(binder => Contracts.Auth.Admission.BindService(binder, instance)))], _time));

    private sealed class Instance(string name) : Contracts.Auth.Admission.AdmissionBase
    {
        public StatusCode Failure { get; set; }

        public int Asked { get; private set; }

        public override Task<DescribeHostResponse> DescribeHost(DescribeHostRequest request, ServerCallContext context)
        {
            Asked++;
            if (Failure != StatusCode.OK) throw new RpcException(new Status(Failure, ""));
            return Task.FromResult(new DescribeHostResponse { Mechanisms = { name } });
        }
    }
}
