using System.Text;
using System.Text.Json;
using JitsiMesh.MediaBridge.BridgeChannel;

namespace JitsiMesh.MediaBridge.Tests.BridgeChannel;

public sealed class ChannelMessageTests
{
    [Fact]
    public void ReceiverVideoConstraints_AsTheLibrarySendsIt()
    {
        var message = Read<ReceiverVideoConstraints>("""
            {"colibriClass":"ReceiverVideoConstraints","lastN":12,"onStageSources":["c0ffee01-v1"],"selectedSources":["beef0002-v0"],
             "defaultConstraints":{"maxHeight":180},"constraints":{"c0ffee01-v1":{"maxHeight":1080,"maxFrameRate":30},"beef0002-v0":{"maxHeight":0}},
             "assumedBandwidthBps":-1,"aFieldOfTomorrow":{"x":[1]}}
            """);
        Assert.Equal((12, -1L), (message.LastN, message.AssumedBandwidthBps));
        Assert.Equal(["c0ffee01-v1"], message.OnStageSources);
        Assert.Equal(["beef0002-v0"], message.SelectedSources);
        Assert.Equal(new VideoConstraints(180), message.DefaultConstraints);
        Assert.Equal(new VideoConstraints(1080, 30), message.Constraints!["c0ffee01-v1"]);
        Assert.True(message.Constraints["beef0002-v0"].IsOff);
    }

    [Fact]
    public void ReceiverVideoConstraints_AbsentFieldsAreNull()
    {
        var message = Read<ReceiverVideoConstraints>("""{"colibriClass":"ReceiverVideoConstraints"}""");
        Assert.Null(message.LastN);
        Assert.Null(message.Constraints);
        Assert.Null(message.DefaultConstraints);
        Assert.Null(message.OnStageSources);
    }

    [Theory]
    [InlineData("""{"colibriClass":"ReceiverAudioSubscription","all":true,"include":[],"exclude":["x-a0"]}""", true, 0, 1)]
    [InlineData("""{"colibriClass":"ReceiverAudioSubscription","mode":"Include","list":["a","b"]}""", false, 2, 0)]
    [InlineData("""{"colibriClass":"ReceiverAudioSubscription","mode":"None"}""", false, 0, 0)]
    [InlineData("""{"colibriClass":"ReceiverAudioSubscription","mode":"Exclude","list":["a"]}""", true, 0, 1)]
    public void ReceiverAudioSubscription_BothForms(string json, bool all, int include, int exclude)
    {
        var message = Read<ReceiverAudioSubscription>(json);
        Assert.Equal((all, include, exclude), (message.All, message.Include.Count, message.Exclude.Count));
    }

    [Theory]
    [InlineData("""{"colibriClass":"SourceVideoTypeMessage","sourceName":"a-v1","videoType":"desktop"}""", "a-v1", VideoType.Desktop)]
    [InlineData("""{"colibriClass":"VideoTypeMessage","videoType":"DESKTOP_HIGH_FPS"}""", null, VideoType.DesktopHighFps)]
    [InlineData("""{"colibriClass":"SourceVideoTypeMessage","sourceName":"a-v0","videoType":"none"}""", "a-v0", VideoType.None)]
    public void VideoType_InAnyCase(string json, string? name, VideoType type)
    {
        var message = Read<SourceVideoTypeChanged>(json);
        Assert.Equal((name, type), (message.SourceName, message.VideoType));
    }

    [Theory]
    [InlineData("", ChannelRejection.NotJson)]
    [InlineData("{", ChannelRejection.NotJson)]
    [InlineData("[]", ChannelRejection.NotJson)]
    [InlineData("{}", ChannelRejection.NoClass)]
    [InlineData("""{"colibriClass":7}""", ChannelRejection.NoClass)]
    [InlineData("""{"colibriClass":"Nonsense"}""", ChannelRejection.UnknownClass)]
    [InlineData("""{"colibriClass":"LastNChangedEvent"}""", ChannelRejection.MissingField)]
    [InlineData("""{"colibriClass":"SourceVideoTypeMessage","videoType":"camera"}""", ChannelRejection.MissingField)]
    public void Wrong_IsRefusedWithAReason(string json, ChannelRejection expected)
    {
        Assert.False(ChannelMessageReader.TryRead(Encoding.UTF8.GetBytes(json), out _, out var rejection));
        Assert.Equal(expected, rejection);
    }

    [Fact]
    public void TooLong_IsRefused()
    {
        Assert.False(ChannelMessageReader.TryRead(new byte[ChannelLimits.MaxMessageBytes + 1], out _, out var rejection));
        Assert.Equal(ChannelRejection.TooLong, rejection);
    }

    [Fact]
    public void EndpointMessage_IsStampedWhateverItClaims()
    {
        var message = Read<EndpointText>("""{"colibriClass":"EndpointMessage","to":"b2","from":"root","msgPayload":{"a":[1,"ü"]},"extra":true}""");
        Assert.Equal("b2", message.To);
        Assert.True(ChannelMessageWriter.TryStamp(message.Body, "a1", out var bytes));
        using var stamped = JsonDocument.Parse(bytes);
        Assert.Equal("a1", stamped.RootElement.GetProperty("from").GetString());
        Assert.Equal("ü", stamped.RootElement.GetProperty("msgPayload").GetProperty("a")[1].GetString());
        Assert.True(stamped.RootElement.GetProperty("extra").GetBoolean());
    }

    [Fact]
    public void EndpointMessage_WithHalfASurrogatePair_CannotBeStamped()
    {
        var message = Read<EndpointText>("{\"colibriClass\":\"EndpointMessage\",\"to\":\"\",\"msgPayload\":{\"x\":\"\\ud800\"}}");
        Assert.False(ChannelMessageWriter.TryStamp(message.Body, "a1", out _));
    }

    [Fact]
    public void Written_AsTheClientsReadThem()
    {
        Assert.Equal("""{"colibriClass":"ServerHello"}""", Text(ChannelMessageWriter.ServerHello()));
        Assert.Equal(
            """{"colibriClass":"DominantSpeakerEndpointChangeEvent","dominantSpeakerEndpoint":"a1","previousSpeakers":["b2","c3"],"silence":false}""",
            Text(ChannelMessageWriter.DominantSpeaker("a1", ["b2", "c3"])));
        Assert.Equal("""{"colibriClass":"EndpointConnectivityStatusChangeEvent","endpoint":"a1","active":"false"}""", Text(ChannelMessageWriter.ConnectivityStatus("a1", false)));
        Assert.Equal("""{"colibriClass":"ForwardedSources","forwardedSources":["a1-v0"]}""", Text(ChannelMessageWriter.ForwardedSources(["a1-v0"])));
        Assert.Equal("""{"colibriClass":"SenderSourceConstraints","sourceName":"a1-v0","maxHeight":360}""", Text(ChannelMessageWriter.SenderSourceConstraints("a1-v0", 360)));
        Assert.Equal("""{"colibriClass":"ConnectionStats","estimatedDownlinkBandwidth":1834000}""", Text(ChannelMessageWriter.ConnectionStats(1_834_000)));
        Assert.Equal(
            """{"colibriClass":"VideoSourcesMap","mappedSources":[{"source":"a1-v0","owner":"a1","ssrc":3735928559,"rtx":305419896,"videoType":"CAMERA","mid":"v0"}]}""",
            Text(ChannelMessageWriter.VideoSourcesMap([new MappedSource("a1-v0", "a1", 3735928559, 305419896, VideoType.Camera, "v0")])));
        Assert.Equal(
            """{"colibriClass":"AudioSourcesMap","mappedSources":[{"source":"a1-a0","owner":"a1","ssrc":7}]}""",
            Text(ChannelMessageWriter.AudioSourcesMap([new MappedSource("a1-a0", "a1", 7, -1, null, null)])));
    }

    private static T Read<T>(string json) where T : ChannelMessage
    {
        Assert.True(ChannelMessageReader.TryRead(Encoding.UTF8.GetBytes(json), out var message, out var rejection), rejection.ToString());
        return Assert.IsType<T>(message);
    }

    private static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);
}
