using Grpc.Core;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Headless.Media;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.MediaBridge.Tests.Conferences;

namespace JitsiMesh.MediaBridge.Tests.Control;

public sealed class ConferenceModifierTests
{
    private static readonly HeadlessEndpointOptions A = new() { Id = "a1" };

    [Theory]
    [InlineData("https://meet.example/", "wss://meet.example/colibri-ws/jvb-1/")]
    [InlineData("https://www.example:444/meet/", "wss://www.example:444/meet/colibri-ws/jvb-1/")]
    [InlineData("http://www.example/a/b", "ws://www.example/a/b/colibri-ws/jvb-1/")]
    public void Create_PublicUrlWithAPath_IsInTheAddressOfTheWebSocket(string url, string expected)
    {
        using var call = new BridgeCall(1, configure: o => o.PublicUrl = new Uri(url));

        Assert.StartsWith(expected, call.Modify(Create(A)).Endpoints.Single().Transport.WebSocketUrls.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_AnswersWithAllThatTheClientNeeds()
    {
        using var call = new BridgeCall(1);
        var response = call.Modify(Create(A));
        var transport = response.Endpoints.Single().Transport;
        Assert.True(transport.Ufrag.Length >= 4 && transport.Password.Length >= 22);
        Assert.Equal(("sha-256", "actpass"), (transport.Fingerprints.Single().Hash, transport.Fingerprints.Single().Setup));
        Assert.Equal(("10.0.0.254", 10000, "host", "udp"), (transport.Candidates[0].Address, transport.Candidates[0].Port, transport.Candidates[0].Type, transport.Candidates[0].Protocol));
        Assert.Equal(5000, transport.SctpPort);
        Assert.Matches($"^wss://meet\\.example:8443/colibri-ws/jvb-1/{call.Conference.Id}/a1\\?pwd=[A-Za-z0-9]{{24}}$", transport.WebSocketUrls.Single());
        Assert.Equal(["jvb-a0", "jvb-v0"], response.FeedbackSources.Sources_.Select(s => s.Name));
        Assert.Equal([call.Conference.FeedbackAudioSsrc, call.Conference.FeedbackVideoSsrc], response.FeedbackSources.Sources_.Select(s => s.Ssrcs.Single()));
    }

    [Fact]
    public void Advertised_ComesBesideTheHostCandidateWithItsOwnPort()
    {
        using var call = new BridgeCall(1, configure: o => o.AdvertiseAddresses =
        [
            new AdvertisedAddress(System.Net.IPAddress.Parse("192.0.2.7"), 0), new AdvertisedAddress(System.Net.IPAddress.Parse("192.0.2.8"), 40000),
        ]);
        var candidates = call.Modify(Create(A)).Endpoints.Single().Transport.Candidates;
        Assert.Equal(["10.0.0.254:10000", "192.0.2.7:10000", "192.0.2.8:40000"], candidates.Select(c => $"{c.Address}:{c.Port}"));
        Assert.Equal(("srflx", "10.0.0.254", 10000), (candidates[1].Type, candidates[1].RelatedAddress, candidates[1].RelatedPort));
        Assert.True(candidates[0].Priority > candidates[1].Priority);
    }

    [Fact]
    public void Refused_WithTheReasonOfTheContractAndNothingChanged()
    {
        using var call = new BridgeCall(1);
        call.Modify(Create(A));
        (Action<ModifyConferenceRequest> Change, StatusCode Status, string Reason)[] cases =
        [
            (r => r.Create = true, StatusCode.AlreadyExists, "conference_already_exists"),
            (r => r.MeetingId = "other", StatusCode.NotFound, "conference_not_found"),
            (r => r.MeetingId = "", StatusCode.InvalidArgument, "bad_request"),
            (r => r.Endpoints.Add(BridgeCall.Create(A, true, false)), StatusCode.AlreadyExists, "endpoint_already_exists"),
            (r => r.Endpoints.Add(new EndpointChange { Id = "zz", Transport = new Transport() }), StatusCode.NotFound, "unknown_endpoint"),
            (r => r.Endpoints.Add(Without(c => c.Capabilities.SourceNames = false)), StatusCode.InvalidArgument, "bad_request"),
            (r => r.Endpoints.Add(Without(c => c.Transport = null)), StatusCode.InvalidArgument, "bad_request"),
            (r => r.Endpoints.Add(Without(c => { c.Visitor = true; c.Sources = Sources(("b-a0", 5)); })), StatusCode.InvalidArgument, "bad_request"),
            (r => r.Endpoints.Add(Without(c => c.Sources = Sources(("b-a0", 5), ("b-a1", 5)))), StatusCode.InvalidArgument, "bad_request"),
        ];
        foreach (var (change, status, reason) in cases)
        {
            var (_, failure) = ConferenceModifier.Modify(call.Shard, BridgeCall.Request(change), false, call.Network.Now);
            Assert.Equal((status, reason), (failure!.Status, failure.Reason));
        }

        Assert.Single(call.Conference.Endpoints);
        Assert.Single(call.Shard.Conferences);
    }

    [Fact]
    public void Sctp_Off_IsNotImplemented()
    {
        using var call = new BridgeCall(1, configure: o => o.EnableSctp = false);
        var (_, failure) = ConferenceModifier.Modify(call.Shard, Create(A), false, call.Network.Now);
        Assert.Equal((StatusCode.Unimplemented, "feature_not_implemented"), (failure!.Status, failure.Reason));
        Assert.Empty(call.Shard.Conferences);
    }

    [Fact]
    public void ShutdownAndOverload_RefuseNewConferencesOnly()
    {
        using var call = new BridgeCall(1);
        call.Modify(Create(A));
        call.Shard.IsShuttingDown = true;
        var other = Create(A);
        other.MeetingId = "other";
        Assert.Equal("graceful_shutdown", ConferenceModifier.Modify(call.Shard, other, false, call.Network.Now).Failure!.Reason);
        call.Shard.IsShuttingDown = false;
        Assert.Equal("overloaded", ConferenceModifier.Modify(call.Shard, other, true, call.Network.Now).Failure!.Reason);
        call.Modify(BridgeCall.Request(r => r.Endpoints.Add(BridgeCall.Create(A with { Id = "b2" }, true, false))));
    }

    [Fact]
    public void Batches_IgnoreWhoIsGone()
    {
        using var call = new BridgeCall(1);
        call.Modify(Create(A));
        call.Modify(BridgeCall.Request(r =>
        {
            r.Endpoints.Add(new EndpointChange { Id = "gone", Expire = true });
            r.Endpoints.Add(new EndpointChange { Id = "gone2", ForceMute = new ForceMute { Audio = true } });
            r.Endpoints.Add(new EndpointChange { Id = "a1", ForceMute = new ForceMute { Audio = true } });
        }));
        Assert.True(call["a1"].ForceMuteAudio);
    }

    [Fact]
    public void RestartIce_AnswersWithFreshCredentialsAndAGeneration()
    {
        using var call = new BridgeCall(1);
        var first = call.Modify(Create(A)).Endpoints.Single().Transport;
        var second = call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = "a1", RestartIce = true }))).Endpoints.Single().Transport;
        Assert.Equal(1, second.IceGeneration);
        Assert.NotEqual(first.Ufrag, second.Ufrag);
        Assert.Equal(first.Fingerprints.Single().Value, second.Fingerprints.Single().Value);
    }

    [Fact]
    public void Empty_ConferenceEndsByItself()
    {
        using var call = new BridgeCall(1);
        call.Modify(BridgeCall.Request(r => r.Create = true));
        call.Run(10);
        Assert.Single(call.Shard.Conferences);
        call.Run(12);
        Assert.Empty(call.Shard.Conferences);
    }

    private static ModifyConferenceRequest Create(HeadlessEndpointOptions options) => BridgeCall.Request(r =>
    {
        r.Create = true;
        r.Endpoints.Add(BridgeCall.Create(options, rewriting: true, visitor: false));
    });

    private static EndpointChange Without(Action<EndpointChange> change)
    {
        var endpoint = BridgeCall.Create(A with { Id = "b2" }, true, false);
        change(endpoint);
        return endpoint;
    }

    private static Sources Sources(params (string Name, uint Ssrc)[] list)
    {
        var sources = new Sources();
        foreach (var (name, ssrc) in list) sources.Sources_.Add(new Source { Name = name, Type = MediaType.Audio, Ssrcs = { ssrc } });
        return sources;
    }
}
