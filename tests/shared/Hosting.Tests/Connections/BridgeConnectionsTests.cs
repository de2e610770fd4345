using Grpc.Core;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Hosting.Connections;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Hosting.Tests.Connections;

public sealed class BridgeConnectionsTests
{
    [Fact]
    public async Task Invoker_BridgeOfThisProcess_IsCalled()
    {
        using var channels = new GrpcChannels(Credential());
        var connections = new BridgeConnections(channels);
        var bridge = new FakeBridge();
        using var registration = connections.Register("jvb-1", bridge);
        var request = new ModifyConferenceRequest { MeetingId = "m" };

        var response = await Client(connections, "inproc:jvb-1").ModifyConferenceAsync(request);

        Assert.Equal("m", response.Endpoints[0].Id);
        Assert.NotSame(request, bridge.Last);
        Assert.Equal("", request.Name);
    }

    [Fact]
    public async Task Invoker_FailureOfTheBridge_ArrivesWithItsTrailers()
    {
        using var channels = new GrpcChannels(Credential());
        var connections = new BridgeConnections(channels);
        using var registration = connections.Register("jvb-1", new FakeBridge { Failure = new RpcException(new Status(StatusCode.NotFound, ""), new Metadata { { "reason", "conference_not_found" } }) });

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await Client(connections, "inproc:jvb-1").ModifyConferenceAsync(new ModifyConferenceRequest()));

        Assert.Equal(StatusCode.NotFound, failure.StatusCode);
        Assert.Equal("conference_not_found", failure.Trailers.GetValue("reason"));
    }

    [Fact]
    public async Task Invoker_ExceptionInTheBridge_IsUnknown()
    {
        using var channels = new GrpcChannels(Credential());
        var connections = new BridgeConnections(channels);
        using var registration = connections.Register("jvb-1", new FakeBridge { Failure = new InvalidOperationException() });

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await Client(connections, "inproc:jvb-1").ModifyConferenceAsync(new ModifyConferenceRequest()));

        Assert.Equal(StatusCode.Unknown, failure.StatusCode);
    }

    [Fact]
    public async Task Invoker_BridgeThatDoesNotAnswer_EndsAtTheDeadline()
    {
        using var channels = new GrpcChannels(Credential());
        var connections = new BridgeConnections(channels);
        using var registration = connections.Register("jvb-1", new FakeBridge { Hangs = true });

        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
            await Client(connections, "inproc:jvb-1").ModifyConferenceAsync(new ModifyConferenceRequest(), deadline: DateTime.UtcNow.AddMilliseconds(50)));

        // The server's side may notice the deadline first, and cancels then.
        Assert.Contains(failure.StatusCode, new[] { StatusCode.DeadlineExceeded, StatusCode.Cancelled });
    }

    [Theory]
    [InlineData("inproc:nobody")]
    [InlineData("nonsense")]
    [InlineData("http://127.0.0.1:1")]
    public async Task Invoker_AddressWithoutBridge_FailsWithUnavailable(string address)
    {
        using var channels = new GrpcChannels(Credential());
        var connections = new BridgeConnections(channels);

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await Client(connections, address).CheckHealthAsync(new CheckHealthRequest()));

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public async Task Register_Disposed_IsGone()
    {
        using var channels = new GrpcChannels(Credential());
        var connections = new BridgeConnections(channels);
        connections.Register("jvb-1", new FakeBridge()).Dispose();

        await Assert.ThrowsAsync<RpcException>(async () => await Client(connections, "inproc:jvb-1").CheckHealthAsync(new CheckHealthRequest()));
    }

    [Fact]
    public void Accepts_OnlyTheValueOfTheSameSecretAndService()
    {
        var credential = Credential(("JVB_AUTH_PASSWORD", "0123456789abcdef"));
        var other = Credential(("JVB_AUTH_PASSWORD", "another-secret-00"));
        const string Bridge = "jitsimesh.bridge.BridgeControl";

        Assert.True(credential.Accepts(Bridge, credential.For(Bridge)));
        Assert.False(credential.Accepts(Bridge, other.For(Bridge)));
        Assert.False(credential.Accepts(Bridge, null));
        Assert.False(credential.Accepts(Bridge, ""));
        Assert.Null(credential.For("jitsimesh.auth.Admission"));
        Assert.False(Credential().Accepts(Bridge, ""));
        Assert.DoesNotContain("0123456789abcdef", credential.For(Bridge)!, StringComparison.Ordinal);
    }

    private static BridgeControl.BridgeControlClient Client(BridgeConnections connections, string address) => new(connections.Invoker(address));

    private static MeshCredential Credential(params (string Name, string Value)[] values) =>
        new(MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value))));

    private sealed class FakeBridge : BridgeControl.BridgeControlBase
    {
        public ModifyConferenceRequest? Last { get; private set; }

        public Exception? Failure { get; init; }

        public bool Hangs { get; init; }

        public override async Task<ModifyConferenceResponse> ModifyConference(ModifyConferenceRequest request, ServerCallContext context)
        {
            Last = request;
            if (Failure is not null) throw Failure;
            if (Hangs) await Task.Delay(Timeout.Infinite, context.CancellationToken);
            var response = new ModifyConferenceResponse { Endpoints = { new EndpointTransport { Id = request.MeetingId } } };
            request.Name = "changed by the service";
            return response;
        }
    }
}
