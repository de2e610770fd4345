using JitsiMesh.Focus.BridgeSelection;

namespace JitsiMesh.Focus.Tests.BridgeSelection;

public class BridgeSelectorTests
{
    private static BridgeSnapshot Bridge(string id, double stress = 0, string region = "") =>
        new() { BridgeId = id, Instance = id + "|1", ControlAddress = "inproc:" + id, Stress = stress, Overloaded = stress >= 0.8, Region = region };

    private static string? Select(string? current, string region, params BridgeSnapshot[] bridges) =>
        BridgeSelector.Select(new BridgePoolSnapshot(bridges), new SelectionRequest(region, current, ["avoided|1"]), new BridgeSelectionOptions { LocalRegion = "home" }, out _)?.BridgeId;

    [Fact]
    public void Select_FirstParticipant_TakesTheLeastLoaded() => Assert.Equal("b", Select(null, "", Bridge("a", 0.5), Bridge("b", 0.2), Bridge("c", 0.3)));

    [Fact]
    public void Select_SameLoad_IsDeterministic() => Assert.Equal("a", Select(null, "", Bridge("b"), Bridge("a")));

    [Fact]
    public void Select_Region_WinsOverLoad() => Assert.Equal("a", Select(null, "eu", Bridge("a", 0.5, "eu"), Bridge("b", 0.1, "us")));

    [Theory]
    [InlineData("us-east", "b")]
    [InlineData("us-west", "c")]
    [InlineData("eu", "a")]
    [InlineData("asia", "a")]
    public void Select_NoBridgeInTheRegion_TakesOneOfItsGroup(string region, string expected)
    {
        var options = new BridgeSelectionOptions { RegionGroups = [["us-east", "us-west", "us-south"], ["eu", "uk"]] };
        var pool = new BridgePoolSnapshot([Bridge("a", 0.1, "africa"), Bridge("b", 0.3, "us-south"), Bridge("c", 0.5, "us-west")]);

        Assert.Equal(expected, BridgeSelector.Select(pool, new SelectionRequest(region, null, []), options, out _)?.BridgeId);
    }

    [Fact]
    public void Select_RegionOverloaded_GoesElsewhere() => Assert.Equal("b", Select(null, "eu", Bridge("a", 0.9, "eu"), Bridge("b", 0.1, "us")));

    [Fact]
    public void Select_NoRegion_CountsAsLocal() => Assert.Equal("a", Select(null, "", Bridge("a", 0.5, "home"), Bridge("b", 0.1, "us")));

    [Fact]
    public void Select_AllOverloaded_TakesTheLeastLoaded() => Assert.Equal("b", Select(null, "", Bridge("a", 1.5), Bridge("b", 0.9)));

    [Fact]
    public void Select_ConferenceHasABridge_StaysThereHoweverLoaded() => Assert.Equal("a", Select("a", "us", Bridge("a", 1.5, "eu"), Bridge("b", 0, "us")));

    [Fact]
    public void Select_DrainingOrLeaving_OnlyWithoutAnother()
    {
        Assert.Equal("b", Select(null, "", Bridge("a") with { Drain = true }, Bridge("b", 0.7)));
        Assert.Equal("b", Select(null, "", Bridge("a") with { GracefulShutdown = true }, Bridge("b", 0.7) with { Drain = true }));
        Assert.Equal("a", Select(null, "", Bridge("a") with { Drain = true }));
        Assert.Null(Select(null, "", Bridge("a") with { ShuttingDown = true }));
    }

    [Fact]
    public void Select_Suspect_OnlyWithoutAnother_AndNobodyIsMovedForIt()
    {
        Assert.Equal("b", Select(null, "", Bridge("a") with { Suspect = true }, Bridge("b", 0.7)));
        Assert.Equal("a", Select(null, "", Bridge("a") with { Suspect = true }));
        Assert.Equal("a", Select("a", "", Bridge("a") with { Suspect = true }, Bridge("b")));
    }

    [Fact]
    public void Select_Failure_SaysWhy()
    {
        SelectionFailure Why(string? current, params BridgeSnapshot[] bridges)
        {
            Assert.Null(BridgeSelector.Select(new BridgePoolSnapshot(bridges), new SelectionRequest("", current, ["avoided|1"]), new BridgeSelectionOptions(), out var failure));
            return failure;
        }

        Assert.Equal(SelectionFailure.NoBridge, Why(null));
        Assert.Equal(SelectionFailure.NoneOperational, Why(null, Bridge("a") with { Operational = false }, Bridge("avoided")));
        Assert.Equal(SelectionFailure.CurrentNotOperational, Why("a", Bridge("a") with { Operational = false }, Bridge("b")));
    }
}
