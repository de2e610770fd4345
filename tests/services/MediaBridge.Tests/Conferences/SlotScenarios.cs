using System.Text;
using System.Text.Json;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Headless.Media;
using JitsiMesh.MediaBridge.Conferences.Endpoints;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>A receiver with SSRC rewriting in a call where people and screens come and go.</summary>
public sealed class SlotScenarios
{
    private static readonly HeadlessEndpointOptions Receiver = new() { Id = "aaaa0001", UsesDataChannel = false, SendsAudio = false, SendsVideo = false };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(60)]
    public void Five_hundred_joins_and_leaves_need_no_more_ssrcs_than_there_are_slots(int atOnce)
    {
        using var call = new BridgeCall(1);
        call.Join(Receiver);
        var connection = Open(call);
        call.Run(0.1);
        for (var i = 0; i < 500; i++)
        {
            if (i >= atOnce) call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = Id(i - atOnce), Expire = true })));
            call.Modify(BridgeCall.Request(r =>
            {
                var create = BridgeCall.Create(new HeadlessEndpointOptions { Id = Id(i) }, rewriting: true, visitor: false);
                create.Sources = new Sources { Sources_ = { Camera(Id(i), (uint)(10_000 + (10 * i))) } };
                r.Endpoints.Add(create);
            }));
            call.Run(0.02);
            if (atOnce <= EndpointLimits.MaxSlots) Assert.Equal($"{Id(i)}-v0", Maps(connection).Last().Source);
        }

        var maps = Maps(connection);
        var distinct = maps.Select(m => m.Ssrc).Distinct().Count();
        Assert.Equal(EndpointLimits.MaxSlots, distinct);
        Assert.Equal(distinct, maps.Select(m => m.Rtx).Distinct().Count());
        Assert.All(maps.GroupBy(m => m.Ssrc), slot => Assert.Single(slot.Select(m => m.Rtx).Distinct()));

        // What is mapped now is what is there, each to one slot.
        var now = call[Receiver.Id].VideoSlots!.Slots.Where(s => s.Holder is not null).Select(s => s.Holder!.Source.Owner.Id).ToArray();
        Assert.Equal(Math.Min(atOnce, EndpointLimits.MaxSlots), now.Distinct().Count());
        Assert.All(now, owner => Assert.NotNull(call.Conference.Find(owner)));
    }

    [Fact]
    public void A_screen_that_is_shared_again_and_again_keeps_its_stream()
    {
        using var call = new BridgeCall(2);
        call.Join(Receiver);
        var connection = Open(call);
        var sharer = BridgeCall.Create(new HeadlessEndpointOptions { Id = "bbbb0002" }, rewriting: true, visitor: false);
        call.Modify(BridgeCall.Request(r => r.Endpoints.Add(sharer)));
        for (uint i = 0; i < 100; i++)
        {
            // Another screen's SSRCs are new each time, its name is not.
            Share(Camera("bbbb0002", 10), Camera("bbbb0002", 10_000 + (10 * i), screen: true));
            Share(Camera("bbbb0002", 10));
        }

        var screens = Maps(connection).Where(m => m.Source == "bbbb0002-v1").ToArray();
        Assert.Equal(100, screens.Length);
        Assert.Single(screens.Select(m => m.Ssrc).Distinct());
        Assert.Equal(2, Maps(connection).Select(m => m.Ssrc).Distinct().Count());

        void Share(params Source[] sources)
        {
            call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = "bbbb0002", Sources = new Sources { Sources_ = { sources } } })));
            call.Run(0.02);
        }
    }

    [Fact]
    public void A_stream_goes_on_without_a_break_when_its_slot_goes_to_somebody_else()
    {
        using var call = new BridgeCall(3);
        var receiver = call.Join(new HeadlessEndpointOptions { Id = "aaaa0001", SendsAudio = false, SendsVideo = false });
        call.Until(() => receiver.IsChannelOpen);
        long pictures = 0, packets = 0;
        for (var i = 0; i < EndpointLimits.MaxSlots + 6; i++)
        {
            var sender = call.Join(new HeadlessEndpointOptions { Id = Id(i), AudioLevel = 40 });
            call.Until(() => Streams(true).Sum(s => s.DecodableFrames) > pictures + 20 && Streams(false).Sum(s => s.Packets) > packets + 20, 5);
            Assert.Equal(2, receiver.Channel.Sources.Values.Count(s => s.Owner == Id(i)));
            call.Leave(sender);
            call.Run(0.5);
            pictures = Streams(true).Sum(s => s.DecodableFrames);
            packets = Streams(false).Sum(s => s.Packets);
        }

        Assert.Equal((EndpointLimits.MaxSlots, EndpointLimits.MaxSlots), (Streams(true).Count(), Streams(false).Count()));
        Assert.All(Streams(true), video => Assert.Equal((0, 0, 0, 0), (video.Lost, video.PictureIdGaps, video.TornFrames, video.TimestampReversals)));
        Assert.All(Streams(false), audio => Assert.Equal((0, 0, 0), (audio.Lost, audio.Duplicates, audio.TimestampReversals)));

        IEnumerable<ReceivedStream> Streams(bool isVideo) => receiver.Streams.Values.Where(s => s.IsVideo == isVideo && receiver.Channel.Sources.ContainsKey(s.Ssrc));
    }

    private static string Id(int index) => $"cccc{index:0000}";

    private static FakeConnection Open(BridgeCall call)
    {
        var connection = new FakeConnection();
        call[Receiver.Id].Channel.OnSocketOpened(connection, call.Network.Now);
        call[Receiver.Id].Channel.OnMessage(Encoding.UTF8.GetBytes(Receiver.ReceiverConstraints!), overData: false, call.Network.Now);
        return connection;
    }

    private static Source Camera(string owner, uint ssrc, bool screen = false) => new()
    {
        Name = $"{owner}-v{(screen ? 1 : 0)}",
        Type = MediaType.Video,
        VideoType = screen ? "desktop" : "camera",
        Ssrcs = { ssrc, ssrc + 1 },
        Groups = { new SsrcGroup { Semantics = "FID", Ssrcs = { ssrc, ssrc + 1 } } },
    };

    private static List<MappedSource> Maps(FakeConnection connection)
    {
        var maps = new List<MappedSource>();
        foreach (var message in connection.Messages.Where(m => m.Contains("VideoSourcesMap", StringComparison.Ordinal)))
        {
            foreach (var entry in JsonDocument.Parse(message).RootElement.GetProperty("mappedSources").EnumerateArray())
            {
                maps.Add(new MappedSource(
                    entry.GetProperty("source").GetString()!,
                    entry.GetProperty("owner").GetString()!,
                    entry.GetProperty("ssrc").GetUInt32(),
                    entry.GetProperty("rtx").GetUInt32()));
            }
        }

        return maps;
    }
}
