namespace JitsiMesh.Jingle.Tests.Sources;

public class SourceSetTests
{
    private static readonly SourceSet Simulcast = new(
        [.. Enumerable.Range(1, 6).Select(ssrc => new Source((uint)ssrc, MediaKind.Video, "a-v0", "v t"))],
        [new(GroupSemantics.Sim, MediaKind.Video, [1, 2, 3]), new(GroupSemantics.Fid, MediaKind.Video, [1, 4]), new(GroupSemantics.Fid, MediaKind.Video, [2, 5]), new(GroupSemantics.Fid, MediaKind.Video, [3, 6])]);

    [Fact]
    public void WithoutSimulcast_ThreeLayers_KeepsTheFirstAndItsRetransmission()
    {
        var stripped = Simulcast.WithoutSimulcast();
        Assert.Equal([1u, 4u], stripped.Sources.Select(source => source.Ssrc));
        Assert.Equal([new SsrcGroup(GroupSemantics.Fid, MediaKind.Video, [1, 4])], stripped.Groups);
    }

    [Fact]
    public void WithoutSimulcast_NoSimulcast_ChangesNothing()
    {
        var set = new SourceSet([new(1, MediaKind.Video, "a-v0", "v t"), new(2, MediaKind.Video, "a-v0", "v t")], [new(GroupSemantics.Fid, MediaKind.Video, [1, 2])]);
        Assert.Same(set, set.WithoutSimulcast());
    }

    [Fact]
    public void Minus_MatchesBySsrcAlone()
    {
        var rest = Simulcast.Minus(new SourceSet([new(2, MediaKind.Audio)], []));
        Assert.Equal(5, rest.Sources.Count);
    }

    [Fact]
    public void CompactSources_OfTheBridge_AreExactlyWhatClientsRead()
    {
        var map = new SourceMap
        {
            ["jvb"] = new SourceSet([new(2711, MediaKind.Video, "jvb-v0", "mixedmslabel mixedlabelvideo0"), new(8154, MediaKind.Audio, "jvb-a0", "mixedmslabel mixedlabelaudio0")], []),
        };
        Assert.Equal(
            """{"sources":{"jvb":[[{"s":2711,"n":"jvb-v0","m":"mixedmslabel mixedlabelvideo0"}],[],[{"s":8154,"n":"jvb-a0","m":"mixedmslabel mixedlabelaudio0"}]]}}""",
            CompactSources.Format(map));
    }

    [Fact]
    public void CompactSources_DesktopAndGroups_SurviveTheRoundTrip()
    {
        var map = new SourceMap { ["a"] = Simulcast.Plus(new SourceSet([new(9, MediaKind.Video, "a-v1", "d t", VideoType.Desktop), new(7, MediaKind.Audio, "a-a0", "m+/ {&}")], [])) };
        Assert.True(CompactSources.TryParse(CompactSources.Format(map), out var read, out _));
        Assert.Equal(map["a"], read["a"]);
    }

    [Theory]
    [InlineData("[]", JingleParseError.BadJson)]
    [InlineData("{}", JingleParseError.BadJson)]
    [InlineData("{\"sources\":{\"a\":[[{\"s\":0}]]}}", JingleParseError.BadSsrc)]
    [InlineData("{\"sources\":{\"a\":[[{\"n\":\"x\"}]]}}", JingleParseError.BadSsrc)]
    [InlineData("{\"sources\":{\"a\":[[],[[\"x\",1,2]]]}}", JingleParseError.BadGroup)]
    [InlineData("{\"sources\":{\"\\uD800\":[[]]}}", JingleParseError.BadJson)]
    [InlineData("{\"sources\":{\"a\":[[{\"s\":1,\"n\":\"\\uD800\"}]]}}", JingleParseError.BadJson)]
    [InlineData("{\"sources\":{\"a\":[[{\"s\":1,\"n\":\"a-v0\\r\\nm=audio\"}]]}}", JingleParseError.BadName)]
    [InlineData("{\"sources\":{\"a\":[[{\"s\":1,\"m\":\"a b c\"}]]}}", JingleParseError.BadMsid)]
    [InlineData("{\"sources\":{\"a\":[[],[[]]]}}", JingleParseError.BadGroup)]
    [InlineData("{\"sources\":{\"a\":[[],[[\"f\",\"1\"]]]}}", JingleParseError.BadSsrc)]
    public void CompactSources_WhatIsWrong_IsRefused(string json, JingleParseError expected)
    {
        Assert.False(CompactSources.TryParse(json, out _, out var error));
        Assert.Equal(expected, error);
    }
}
