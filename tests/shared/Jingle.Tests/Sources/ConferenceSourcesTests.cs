namespace JitsiMesh.Jingle.Tests.Sources;

public class ConferenceSourcesTests
{
    private readonly ConferenceSources _sources = new(new SourceLimits(6, 4));

    public ConferenceSourcesTests()
    {
        Assert.Equal(SourceRejection.None, _sources.TryAdd("a", new SourceSet([Video("a", 1, "av t"), Video("a", 2, "av t")], [Fid(1, 2)]), out _));
        _sources.SetBridgeSources([new SourceSet([new(77, MediaKind.Video, "jvb-v0")], [])]);
        _sources.Keep("c", new SourceSet([Video("c", 55, "cv t")], []));
    }

    private static Source Video(string owner, uint ssrc, string? msid, int index = 0) => new(ssrc, MediaKind.Video, $"{owner}-v{index}", msid);

    private static SsrcGroup Fid(params uint[] ssrcs) => new(GroupSemantics.Fid, MediaKind.Video, ssrcs);

    private static SsrcGroup Sim(params uint[] ssrcs) => new(GroupSemantics.Sim, MediaKind.Video, ssrcs);

    public static TheoryData<string, SourceSet, SourceRejection> Additions => new()
    {
        { "SSRC of another", new([Video("b", 1, "bv t")], []), SourceRejection.SsrcInUse },
        { "SSRC twice", new([Video("b", 8, "bv t"), Video("b", 8, "bv t")], []), SourceRejection.SsrcInUse },
        { "msid of another", new([Video("b", 8, "av t")], []), SourceRejection.MsidInUse },
        { "too many sources", new([.. Enumerable.Range(10, 7).Select(i => Video("b", (uint)i, $"b{i} t", i))], []), SourceRejection.TooManySources },
        { "too many groups", new([Video("b", 8, "bv t"), Video("b", 9, "bv t")], [Fid(8, 9), Sim(8, 9), Sim(9, 8), Sim(8), Sim(9)]), SourceRejection.TooManyGroups },
        { "group of nothing known", new([Video("b", 8, "bv t")], [Fid(8, 9)]), SourceRejection.GroupWithoutSource },
        { "group over another's source", new([Video("b", 8, "bv t")], [Fid(8, 1)]), SourceRejection.GroupWithoutSource },
        { "FID of three", new([Video("b", 8, "bv t"), Video("b", 9, "bv t"), Video("b", 10, "bv t")], [Fid(8, 9, 10)]), SourceRejection.FidGroupSize },
        { "FID of one", new([Video("b", 8, "bv t")], [Fid(8)]), SourceRejection.FidGroupSize },
        { "grouped without msid", new([Video("b", 8, null), Video("b", 9, null)], [Fid(8, 9)]), SourceRejection.GroupedSourceWithoutMsid },
        { "msids differ in a group", new([Video("b", 8, "bv t"), Video("b", 9, "bv u")], [Fid(8, 9)]), SourceRejection.GroupMsidsDiffer },
        { "two sources share an msid", new([Video("b", 8, "bv t"), Video("b", 9, "bv t", 1)], []), SourceRejection.MsidShared },
        { "two groups share an msid", new([Video("b", 8, "bv t"), Video("b", 9, "bv t"), Video("b", 10, "bv t", 1), Video("b", 11, "bv t", 1)], [Fid(8, 9), Fid(10, 11)]), SourceRejection.MsidShared },
        { "a foreign name", new([Video("a", 8, "bv t", 1)], []), SourceRejection.ForeignName },
        { "the bridge's name", new([Video("jvb", 8, "bv t")], []), SourceRejection.ForeignName },
        { "a name without a number", new([new(8, MediaKind.Video, "b-v", "bv t")], []), SourceRejection.ForeignName },
        { "a name within a name", new([new(8, MediaKind.Video, "b-v0-v0", "bv t")], []), SourceRejection.ForeignName },
        { "a name that ends in another", new([new(8, MediaKind.Video, "b-v0.c-v0", "bv t")], []), SourceRejection.ForeignName },
        { "a name with a line break", new([new(8, MediaKind.Video, "b-v0\r\nm=x", "bv t")], []), SourceRejection.ForeignName },
        { "a translated name", new([new(8, MediaKind.Audio, "b-a0.fr", "b t")], []), SourceRejection.None },
        { "one name for both kinds", new([new(8, MediaKind.Audio, "b-a0", "b t"), new(9, MediaKind.Video, "b-a0", "c t")], []), SourceRejection.NameShared },
        { "an msid that begins with another's id", new([Video("b", 8, "a-video-7 t")], []), SourceRejection.ForeignMsid },
        { "an msid that begins with nobody's id", new([Video("b", 8, "z-video-7 t")], []), SourceRejection.None },
        { "the bridge's msid", new([Video("b", 8, "mixedmslabel mixedlabelvideo0")], []), SourceRejection.ForeignMsid },
        { "the bridge's msid in disguise", new([Video("b", 8, "x-MixedMsLabel y")], []), SourceRejection.ForeignMsid },
        { "the bridge's SSRC", new([Video("b", 77, "bv t")], []), SourceRejection.SsrcInUse },
        { "what another had in its last session", new([Video("b", 55, "bv t")], []), SourceRejection.SsrcInUse },
        { "a group that repeats", new([Video("b", 8, "bv t")], [Fid(8, 8)]), SourceRejection.GroupRepeatsSource },
        { "simulcast with retransmission", new([.. Enumerable.Range(10, 4).Select(i => Video("b", (uint)i, "bv t"))], [Sim(10, 11), Fid(10, 12), Fid(11, 13)]), SourceRejection.None },
        { "audio and video share an msid", new([Video("b", 8, "b t"), new(9, MediaKind.Audio, "b-a0", "b t")], []), SourceRejection.None },
        { "an empty group", new([Video("b", 8, "b t")], [Fid()]), SourceRejection.None },
        { "nothing", SourceSet.Empty, SourceRejection.None },
    };

    [Theory]
    [MemberData(nameof(Additions))]
    public void TryAdd_AppliesAllOrNothing(string what, SourceSet change, SourceRejection expected)
    {
        Assert.NotEmpty(what);
        var before = _sources["b"];
        Assert.Equal(expected, _sources.TryAdd("b", change, out var added));
        if (expected == SourceRejection.None)
        {
            Assert.Equal(change.Sources, _sources["b"].Sources);
            Assert.Equal(change.Sources, added.Sources);
        }
        else
        {
            Assert.Equal(before, _sources["b"]);
            Assert.True(added.IsEmpty);
        }
    }

    [Fact]
    public void TryAdd_SameSourceAgain_IsRefused() =>
        Assert.Equal(SourceRejection.SsrcInUse, _sources.TryAdd("a", new SourceSet([Video("a", 1, "av t")], []), out _));

    [Fact]
    public void TryRemove_BySsrcAlone_TakesGroupsAlong()
    {
        Assert.Equal(SourceRejection.None, _sources.TryRemove("a", new SourceSet([new(1, MediaKind.Audio), new(2, MediaKind.Audio)], []), out var removed));
        Assert.Equal(["a-v0", "a-v0"], removed.Sources.Select(source => source.Name));
        Assert.Equal([Fid(1, 2)], removed.Groups);
        Assert.True(_sources["a"].IsEmpty);
        Assert.Equal(SourceRejection.None, _sources.TryAdd("b", new SourceSet([Video("b", 1, "av t")], []), out _));
    }

    [Theory]
    [InlineData(7u)]
    [InlineData(1u)]
    public void TryRemove_OfWhatIsNotTheirs_IsRefused(uint ssrc) =>
        Assert.Equal(SourceRejection.NotFound, _sources.TryRemove("b", new SourceSet([new(ssrc, MediaKind.Video)], []), out _));

    [Fact]
    public void TryRemove_OfAnUnknownGroup_IsRefused() =>
        Assert.Equal(SourceRejection.NotFound, _sources.TryRemove("a", new SourceSet([], [Fid(2, 1)]), out _));

    [Fact]
    public void TryRemove_LeavingAnInvalidRest_IsRefused()
    {
        // Without the group the two sources share an msid.
        Assert.Equal(SourceRejection.MsidShared, _sources.TryRemove("a", new SourceSet([], [Fid(1, 2)]), out _));
        Assert.Single(_sources["a"].Groups);
    }

    [Fact]
    public void RemoveAll_FreesSsrcsAndMsids()
    {
        Assert.Equal(2, _sources.RemoveAll("a").Sources.Count);
        Assert.True(_sources.Map.IsEmpty);
        Assert.Equal(SourceRejection.None, _sources.TryAdd("b", new SourceSet([Video("b", 1, "av t")], []), out _));
    }

    [Fact]
    public void Keep_LetsTheOwnerComeBack_AndOthersOnlyOnceItIsGivenUp()
    {
        Assert.Equal(SourceRejection.SsrcInUse, _sources.TryAdd("b", new SourceSet([Video("b", 55, "bv t")], []), out _));
        Assert.Equal(SourceRejection.None, _sources.TryAdd("c", new SourceSet([Video("c", 55, "cv t")], []), out _));
        _sources.RemoveAll("c");
        Assert.Equal(SourceRejection.SsrcInUse, _sources.TryAdd("b", new SourceSet([Video("b", 55, "bv t")], []), out _));
        _sources.Keep("c", SourceSet.Empty);
        Assert.Equal(SourceRejection.None, _sources.TryAdd("b", new SourceSet([Video("b", 55, "bv t")], []), out _));
    }
}
