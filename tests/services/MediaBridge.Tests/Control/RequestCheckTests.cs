using Grpc.Core;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Headless.Media;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.MediaBridge.Tests.Conferences;

namespace JitsiMesh.MediaBridge.Tests.Control;

/// <summary>What a client wrote comes to the bridge by focus: each field of it is read before anything changes, and the refusal names the endpoint.</summary>
public sealed class RequestCheckTests
{
    private static readonly HeadlessEndpointOptions A = new() { Id = "a1" };
    private static readonly string Ufrag = "abcd";
    private static readonly string Password = new('p', 22);
    private static readonly string Hash = string.Join(':', Enumerable.Repeat("AB", 32));

    public static TheoryData<string, Action<EndpointChange>> Wrong => new()
    {
        { "ufrag of 2000", c => c.Transport = Ice(new string('u', 2000), Password) },
        { "ufrag of 257", c => c.Transport = Ice(new string('u', 257), Password) },
        { "ufrag of 3", c => c.Transport = Ice("abc", Password) },
        { "ufrag with a colon", c => c.Transport = Ice("ab:cd", Password) },
        { "ufrag with a line break", c => c.Transport = Ice("ab\r\ncd", Password) },
        { "ufrag of other letters", c => c.Transport = Ice("abcd\u00e9\u00e9", Password) },
        { "ufrag without a password", c => c.Transport = Ice(Ufrag, "") },
        { "password without a ufrag", c => c.Transport = Ice("", Password) },
        { "password of 21", c => c.Transport = Ice(Ufrag, new string('p', 21)) },
        { "password of 257", c => c.Transport = Ice(Ufrag, new string('p', 257)) },
        { "password with a space", c => c.Transport = Ice(Ufrag, new string(' ', 22)) },
        { "negative generation", c => c.Transport = new Transport { IceGeneration = -1 } },
        { "fingerprint too short", c => c.Transport = Dtls("sha-256", "AB:CD", "active") },
        { "fingerprint of other letters", c => c.Transport = Dtls("sha-256", Hash.Replace('A', 'Z'), "active") },
        { "fingerprint with a line break", c => c.Transport = Dtls("sha-256", Hash[..93] + "\r\n", "active") },
        { "hash without a name", c => c.Transport = Dtls("", Hash, "active") },
        { "setup of another kind", c => c.Transport = Dtls("sha-256", Hash, "holdconn") },
        { "nine fingerprints", c => c.Transport = new Transport { Fingerprints = { Enumerable.Repeat(new Fingerprint { Hash = "sha-256", Value = Hash }, 9) } } },
        { "129 candidates", c => c.Transport = new Transport { Candidates = { Enumerable.Repeat(new Candidate { Type = "host" }, 129) } } },
        { "port 65536", c => c.Transport = Candidate(x => x.Port = 65536) },
        { "port -1", c => c.Transport = Candidate(x => x.Port = -1) },
        { "component 257", c => c.Transport = Candidate(x => x.Component = 257) },
        { "type of 257", c => c.Transport = Candidate(x => x.Type = new string('t', 257)) },
        { "address of 257", c => c.Transport = Candidate(x => x.Address = new string('1', 257)) },
        { "foundation with a line break", c => c.Transport = Candidate(x => x.Foundation = "1\n2") },
        { "related port 70000", c => c.Transport = Candidate(x => x.RelatedPort = 70000) },
        { "negative candidate generation", c => c.Transport = Candidate(x => x.Generation = -1) },
        { "payload type 128", c => c.Media.Add(Media(m => m.PayloadTypes.Add(new PayloadTypeDescription { Id = 128, Name = "VP8" }))) },
        { "payload type -1", c => c.Media.Add(Media(m => m.PayloadTypes.Add(new PayloadTypeDescription { Id = -1, Name = "VP8" }))) },
        { "clock rate -1", c => c.Media.Add(Media(m => m.PayloadTypes.Add(new PayloadTypeDescription { Id = 1, ClockRate = -1 }))) },
        { "codec's name of 257", c => c.Media.Add(Media(m => m.PayloadTypes.Add(new PayloadTypeDescription { Id = 1, Name = new string('x', 257) }))) },
        { "parameter of 2049", c => c.Media.Add(Media(m => m.PayloadTypes.Add(new PayloadTypeDescription { Id = 1, Parameters = { ["x"] = new string('x', 2049) } }))) },
        { "33 feedback kinds", c => c.Media.Add(Media(m => m.PayloadTypes.Add(new PayloadTypeDescription { Id = 1, RtcpFeedback = { Enumerable.Repeat(new RtcpFeedback { Type = "nack" }, 33) } }))) },
        { "129 payload types", c => c.Media.Add(Media(m => m.PayloadTypes.Add(Enumerable.Repeat(new PayloadTypeDescription { Id = 1 }, 129)))) },
        { "extension 0", c => c.Media.Add(Media(m => m.HeaderExtensions.Add(new HeaderExtension { Id = 0, Uri = "urn:x" }))) },
        { "extension 256", c => c.Media.Add(Media(m => m.HeaderExtensions.Add(new HeaderExtension { Id = 256, Uri = "urn:x" }))) },
        { "URI of 257", c => c.Media.Add(Media(m => m.HeaderExtensions.Add(new HeaderExtension { Id = 1, Uri = new string('u', 257) }))) },
        { "media of no type", c => c.Media.Add(new MediaDescription()) },
        { "17 descriptions", c => c.Media.Add(Enumerable.Repeat(Media(_ => { }), 17)) },
        { "lastN -2", c => c.InitialLastN = -2 },
        { "65 sources", c => c.Sources = Sources(Enumerable.Range(0, 65).Select(i => Audio($"a1-a{i}", (uint)i + 1))) },
        { "source without a name", c => c.Sources = Sources([Audio("", 5)]) },
        { "name of 257", c => c.Sources = Sources([Audio(new string('n', 257), 5)]) },
        { "name with a line break", c => c.Sources = Sources([Audio("a1-a0\r\nm=x", 5)]) },
        { "name of half a character", c => c.Sources = Sources([Audio("a1-\ud800", 5)]) },
        { "name twice", c => c.Sources = Sources([Audio("a1-a0", 5), Audio("a1-a0", 6)]) },
        { "name of another", c => c.Sources = Sources([Audio("b2-a0", 5)]) },
        { "SSRC 0", c => c.Sources = Sources([Audio("a1-a0", 0)]) },
        { "SSRC twice", c => c.Sources = Sources([Audio("a1-a0", 5), Audio("a1-a1", 5)]) },
        { "SSRC of another", c => c.Sources = Sources([Audio("a1-a0", 777)]) },
        { "source of no kind", c => c.Sources = Sources([new Source { Name = "a1-a0", Ssrcs = { 5 } }]) },
        { "33 SSRCs", c => c.Sources = Sources([new Source { Name = "a1-v0", Type = MediaType.Video, Ssrcs = { Enumerable.Range(1, 33).Select(i => (uint)i) } }]) },
        { "33 groups", c => c.Sources = Sources([new Source { Name = "a1-v0", Type = MediaType.Video, Ssrcs = { 1 }, Groups = { Enumerable.Repeat(new SsrcGroup { Semantics = "FID" }, 33) } }]) },
        { "nine encodings", c => c.Sources = Sources([new Source { Name = "a1-v0", Type = MediaType.Video, Ssrcs = { 1 }, Groups = { new SsrcGroup { Semantics = "SIM", Ssrcs = { Enumerable.Range(1, 9).Select(i => (uint)i) } } } }]) },
        { "an encoding twice", c => c.Sources = Sources([new Source { Name = "a1-v0", Type = MediaType.Video, Groups = { new SsrcGroup { Semantics = "SIM", Ssrcs = { 1, 1 } } } }]) },
    };

    [Fact]
    public void Each_wrong_field_is_a_bad_request_that_names_its_endpoint_and_changes_nothing()
    {
        using var call = Call();
        var before = State(call);
        foreach (var row in Wrong)
        {
            var change = new EndpointChange { Id = "a1", ForceMute = new ForceMute { Audio = true } };
            ((Action<EndpointChange>)row[1])(change);

            // Behind a change that would do: the whole request is refused.
            var request = BridgeCall.Request(r =>
            {
                r.Endpoints.Add(new EndpointChange { Id = "b2", ForceMute = new ForceMute { Video = true } });
                r.Endpoints.Add(change);
            });
            var (response, failure) = ConferenceModifier.Modify(call.Shard, request, false, call.Network.Now);
            Assert.True(response is null, (string)row[0]);
            Assert.Equal(((string)row[0], StatusCode.InvalidArgument, "bad_request", "a1"), ((string)row[0], failure!.Status, failure.Reason, failure.Endpoint));
            Assert.Equal(((string)row[0], before), ((string)row[0], State(call)));
        }
    }

    [Theory]
    [InlineData(4, 22)]
    [InlineData(8, 24)]
    [InlineData(256, 256)]
    public void Credentials_within_the_rfc_are_taken_and_their_checks_go_out(int ufrag, int password)
    {
        using var call = Call();
        call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange
        {
            Id = "a1",
            Transport = new Transport { Ufrag = new string('u', ufrag), Password = new string('p', password), Candidates = { new Candidate { Protocol = "udp", Address = "10.9.9.9", Port = 5000, Type = "host", Component = 1, Priority = 5 } } },
        })));
        Assert.Equal((new string('u', ufrag), 0), (call["a1"].Transport.Ice.RemoteUfrag, call.Shard.Counters.EndedFor(EndpointEnd.InternalError)));
        Assert.Contains(call.Port.Sent, d => d.Destination.Port == 5000);
    }

    [Theory]
    [InlineData("10.0.0.254", 10000)]
    [InlineData("192.0.2.7", 10000)]
    [InlineData("127.0.0.1", 5000)]
    [InlineData("169.254.3.3", 5000)]
    [InlineData("224.0.0.251", 5353)]
    [InlineData("255.255.255.255", 5000)]
    [InlineData("0.0.0.0", 5000)]
    [InlineData("10.9.9.9", 53)]
    [InlineData("10.9.9.9", 0)]
    [InlineData("host.local", 5000)]
    public void No_check_goes_to_the_bridge_itself_nor_where_no_client_is(string address, int port)
    {
        using var call = Call(o => o.AdvertiseAddresses = [new AdvertisedAddress(System.Net.IPAddress.Parse("192.0.2.7"), 0)]);
        call.Port.Sent.Clear();
        call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange
        {
            Id = "a1",
            Transport = new Transport { Ufrag = Ufrag, Password = Password, Candidates = { new Candidate { Protocol = "udp", Address = address, Port = port, Type = "host", Component = 1, Priority = 5 } } },
        })));
        call.Run(5);
        Assert.Empty(call.Port.Sent);
    }

    [Fact]
    public void A_client_with_a_hundred_candidates_of_strangers_makes_the_bridge_send_no_more_than_its_budget()
    {
        using var call = Call();
        var strangers = 0;
        call.Network.Drop = d =>
        {
            strangers += d.Destination.IPv4 >> 24 == 5 ? 1 : 0;
            return false;
        };
        for (var restart = 0; restart < 30; restart++)
        {
            var generation = restart == 0 ? 0 : call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = "a1", RestartIce = true }))).Endpoints.Single().Transport.IceGeneration;
            var transport = new Transport { Ufrag = $"abcd{restart:00}", Password = Password, IceGeneration = generation };
            for (var i = 0; i < 100; i++) transport.Candidates.Add(new Candidate { Protocol = "udp", Address = $"5.{restart}.1.{i}", Port = 5000, Type = "host", Component = 1, Priority = 5 });
            call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = "a1", Transport = transport })));
            call.Run(1);
        }

        Assert.InRange(strangers, 1, JitsiMesh.Ice.IceLimits.UnansweredBurst + (JitsiMesh.Ice.IceLimits.UnansweredPerSecond * 31));
    }

    [Fact]
    public void Ids_and_numbers_of_the_request_itself_are_bounded_too()
    {
        using var call = Call();
        Action<ModifyConferenceRequest>[] wrong =
        [
            r => r.MeetingId = new string('m', 257),
            r => r.MeetingId = "a\nb",
            r => r.Name = new string('n', 3000),
            r => r.Endpoints.Add(new EndpointChange { Id = new string('i', 257), Create = true }),
            r => r.Endpoints.Add(new EndpointChange { Id = "a\tb", Create = true }),
            r => r.Endpoints.Add(Enumerable.Range(0, 2001).Select(i => new EndpointChange { Id = $"{i}", Expire = true })),
            r => r.Endpoints.Add(new EndpointChange { Id = "a1", Create = true, Expire = true }),
        ];
        foreach (var change in wrong)
        {
            var (_, failure) = ConferenceModifier.Modify(call.Shard, BridgeCall.Request(change), false, call.Network.Now);
            Assert.Equal((StatusCode.InvalidArgument, "bad_request"), (failure!.Status, failure.Reason));
        }

        Assert.Equal(["b2", "a1"], call.Conference.Endpoints.Select(e => e.Id));
    }

    private static BridgeCall Call(Action<MediaBridgeOptions>? configure = null)
    {
        var call = new BridgeCall(1, configure: configure);
        call.Modify(BridgeCall.Request(r =>
        {
            r.Create = true;
            r.Endpoints.Add(BridgeCall.Create(A with { Id = "b2" }, rewriting: true, visitor: false));
            r.Endpoints.Add(BridgeCall.Create(A, rewriting: false, visitor: false));
            r.Endpoints[0].Sources = Sources([Audio("b2-a0", 777)]);
        }));
        return call;
    }

    /// <summary>All that a request could have changed.</summary>
    private static string State(BridgeCall call) => string.Join('|', call.Shard.Conferences.SelectMany(c => c.Endpoints).Select(e =>
        $"{e.Id} {e.ForceMuteAudio} {e.ForceMuteVideo} {e.Transport.Ice.RemoteUfrag} {e.Formats.Version} {e.Allocation.Settings.LastN} {e.IceGeneration} {string.Join(',', e.AudioSources.Select(s => s.Name))} {string.Join(',', e.VideoSources.Select(s => s.Name))}"));

    private static Transport Ice(string ufrag, string password) => new() { Ufrag = ufrag, Password = password };

    private static Transport Dtls(string hash, string value, string setup) => new() { Fingerprints = { new Fingerprint { Hash = hash, Value = value, Setup = setup } } };

    private static Transport Candidate(Action<Candidate> change)
    {
        var candidate = new Candidate { Id = "1", Foundation = "1", Component = 1, Protocol = "udp", Address = "10.9.9.9", Port = 5000, Type = "host" };
        change(candidate);
        return new Transport { Candidates = { candidate } };
    }

    private static MediaDescription Media(Action<MediaDescription> change)
    {
        var media = new MediaDescription { Type = MediaType.Video };
        change(media);
        return media;
    }

    private static Source Audio(string name, uint ssrc) => new() { Name = name, Type = MediaType.Audio, Ssrcs = { ssrc } };

    private static Sources Sources(IEnumerable<Source> list) => new() { Sources_ = { list } };
}
