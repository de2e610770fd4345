using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

namespace JitsiMesh.MediaBridge.Tests.Allocation;

/// <summary>The ladder of every camera here: 180p 50/100/150, 360p 150/300/450, 720p 500/1000/1500 kbps at 7.5/15/30 frames a second.</summary>
public sealed class BandwidthAllocatorTests
{
    // layout: stage ';' selected ';' max heights, by source name; expected: height@fps by source, - for nothing.
    [Theory]
    [InlineData("worked example: stage first, then tiles", 1_600, "A;;A=720,B=180,C=180", "A=360@30 B=180@30 C=180@30")]
    [InlineData("bandwidth without end", -1, "A;;A=720,B=180,C=180", "A=720@30 B=180@30 C=180@30")]
    [InlineData("stage starves tiles", 300, "A;;A=720,B=180,C=180", "A=180@30 B=- C=-")]
    [InlineData("tiles climb in turns", 240, ";;A=180,B=180,C=180", "A=180@15 B=180@8 C=180@8")]
    [InlineData("constraint 0 is off", -1, "A;;A=720,B=0,C=180", "A=720@30 B=- C=180@30")]
    [InlineData("selected before the rest", 120, ";C;A=180,B=180,C=180", "A=180@8 B=- C=180@8")]
    [InlineData("nothing fits", 10, ";;A=180,B=180,C=180", "A=- B=- C=-")]
    public void Allocate_ByLayout(string what, int kbps, string layout, string expected)
    {
        var parts = layout.Split(';');
        var settings = AllocationSettings.Initial.With(new ReceiverVideoConstraints
        {
            OnStageSources = Names(parts[0]),
            SelectedSources = Names(parts[1]),
            DefaultConstraints = VideoConstraints.Nothing,
            Constraints = parts[2].Split(',').Select(p => p.Split('=')).ToDictionary(p => p[0], p => new VideoConstraints(Number(p[1]))),
        });
        var result = BandwidthAllocator.Allocate([Camera("A"), Camera("B"), Camera("C")], settings, -1, kbps < 0 ? long.MaxValue : kbps * 1000L);
        var got = string.Join(' ', result.Sources.OrderBy(s => s.Name).Select(s => $"{s.Name}={(s.Target is { } t ? $"{t.Height}@{t.FrameRate:0}" : "-")}"));
        Assert.True(expected == got, $"{what}: {got}");
    }

    [Fact]
    public void Allocate_WorkedExample_SumsTargetAndIdeal()
    {
        var settings = AllocationSettings.Initial.With(new ReceiverVideoConstraints
        {
            OnStageSources = ["A"],
            DefaultConstraints = new VideoConstraints(180),
            Constraints = new Dictionary<string, VideoConstraints> { ["A"] = new(720) },
        });
        var result = BandwidthAllocator.Allocate([Camera("A"), Camera("B"), Camera("C")], settings, -1, 1_600_000);
        Assert.Equal((750_000, 1_800_000, false), (result.TargetBps, result.IdealBps, result.Oversending));
    }

    [Theory]
    [InlineData(-1, 3)]
    [InlineData(2, 2)]
    [InlineData(0, 0)]
    public void ApplyLastN_CountsSourcesAlongTheOrder(int lastN, int forwarded)
    {
        var settings = AllocationSettings.Initial.With(new ReceiverVideoConstraints { DefaultConstraints = new VideoConstraints(180), SelectedSources = ["C"] });
        var result = BandwidthAllocator.Allocate([Camera("A"), Camera("B"), Camera("C")], settings, lastN, long.MaxValue);
        Assert.Equal(forwarded, result.Sources.Count(s => s.Target is not null));
        if (lastN == 2) Assert.Null(result.Sources.Single(s => s.Name == "B").Target);
    }

    [Fact]
    public void Allocate_MutedSource_TakesNothingAndStandsLast()
    {
        var settings = AllocationSettings.Initial.With(new ReceiverVideoConstraints { DefaultConstraints = new VideoConstraints(180) });
        var muted = new AllocationSource("A", VideoType.None, Camera("A").Layers);
        var result = BandwidthAllocator.Allocate([muted, Camera("B")], settings, -1, long.MaxValue);
        Assert.Equal(["B", "A"], result.Sources.Select(s => s.Name));
        Assert.Null(result.Sources[1].Target);
    }

    [Fact]
    public void Allocate_ScreenOnStage_MayExceedTheEstimateRatherThanVanish()
    {
        var screen = new AllocationSource("S", VideoType.Desktop, [Layer(0, 0, 720, 5, 300), Layer(0, 1, 720, 15, 700), Layer(0, 2, 720, 30, 1500)]);
        var settings = AllocationSettings.Initial.With(new ReceiverVideoConstraints
        {
            OnStageSources = ["S"],
            DefaultConstraints = new VideoConstraints(180),
            Constraints = new Dictionary<string, VideoConstraints> { ["S"] = new(2160) },
        });
        var result = BandwidthAllocator.Allocate([screen, Camera("A")], settings, -1, 100_000);
        Assert.Equal(300_000, result.Sources.Single(s => s.Name == "S").Target!.Value.BitsPerSecond);
        Assert.True(result.Oversending);
        Assert.Null(result.Sources.Single(s => s.Name == "A").Target);
    }

    [Fact]
    public void Allocate_BeforeTheFirstMessage_SendsNothing()
    {
        var result = BandwidthAllocator.Allocate([Camera("A")], AllocationSettings.Initial, -1, long.MaxValue);
        Assert.Null(result.Sources[0].Target);
    }

    [Fact]
    public void Allocate_JustSignalledSource_IsGivenALayerAlthoughNothingWasMeasured()
    {
        var settings = AllocationSettings.Initial.With(new ReceiverVideoConstraints { DefaultConstraints = new VideoConstraints(180) });
        var source = new AllocationSource("A", VideoType.Camera, [Layer(0, 0, 180, 30, 0), Layer(1, 0, 360, 30, 0)]);
        Assert.NotNull(BandwidthAllocator.Allocate([source], settings, -1, 50_000).Sources[0].Target);
    }

    [Theory]
    [InlineData("desktop", true)]
    [InlineData("desktop", false)]
    [InlineData("camera", false)]
    public void Allocate_SourceSentInOneSizeAlone_IsShownInThatToWhoWantsLess(string type, bool onStage)
    {
        // Browsers send screens, and some cameras, in the largest size alone; a tile of it must not wait for a smaller one.
        var source = new AllocationSource("S", type == "desktop" ? VideoType.Desktop : VideoType.Camera, [Layer(0, 0, 180, 30, 0), Layer(1, 0, 360, 30, 0), Layer(2, 0, 720, 30, 900)]);
        var settings = AllocationSettings.Initial.With(new ReceiverVideoConstraints { OnStageSources = onStage ? ["S"] : [], DefaultConstraints = new VideoConstraints(180) });
        Assert.Equal(720, BandwidthAllocator.Allocate([source], settings, -1, long.MaxValue).Sources[0].Target?.Height);
    }

    [Fact]
    public void MaxFrameRate_DropsTheFasterLayers()
    {
        var settings = AllocationSettings.Initial.With(new ReceiverVideoConstraints { DefaultConstraints = new VideoConstraints(180, 15) });
        Assert.Equal(15, BandwidthAllocator.Allocate([Camera("A")], settings, -1, long.MaxValue).Sources[0].Target!.Value.FrameRate);
    }

    [Fact]
    public void EffectiveLastN_IsTheLeastThatIsSet() =>
        Assert.Equal((-1, 3, 0), (SourceOrder.EffectiveLastN(-1, -1), SourceOrder.EffectiveLastN(-1, 5, 3), SourceOrder.EffectiveLastN(0, -1, 7)));

    [Fact]
    public void Settings_KeepWhatIsAbsentAndReplaceTheMap()
    {
        var first = AllocationSettings.Initial.With(new ReceiverVideoConstraints { LastN = 5, Constraints = new Dictionary<string, VideoConstraints> { ["A"] = new(720) } });
        Assert.Equal(180, first.For("B").MaxHeight);
        var second = first.With(new ReceiverVideoConstraints { DefaultConstraints = new VideoConstraints(360), Constraints = new Dictionary<string, VideoConstraints>() });
        Assert.Equal((5, 360, 360), (second.LastN, second.For("A").MaxHeight, second.For("B").MaxHeight));
        Assert.Equal(0, AllocationSettings.Initial.For("A").MaxHeight);
    }

    private static AllocationSource Camera(string name) => new(name, VideoType.Camera,
    [
        Layer(0, 0, 180, 7.5, 50), Layer(0, 1, 180, 15, 100), Layer(0, 2, 180, 30, 150),
        Layer(1, 0, 360, 7.5, 150), Layer(1, 1, 360, 15, 300), Layer(1, 2, 360, 30, 450),
        Layer(2, 0, 720, 7.5, 500), Layer(2, 1, 720, 15, 1000), Layer(2, 2, 720, 30, 1500),
    ]);

    private static LayerSnapshot Layer(int encoding, int temporal, int height, double fps, int kbps) => new(LayerIndex.Of(encoding, 0, temporal), height, fps, kbps * 1000L);

    private static string[] Names(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
