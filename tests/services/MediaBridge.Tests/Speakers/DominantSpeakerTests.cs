using JitsiMesh.MediaBridge.Speakers;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Speakers;

public sealed class DominantSpeakerTests
{
    private const int Speech = 95;
    private const int Noise = 30;

    private readonly List<SpeakerChange> _changes = [];
    private MonotonicTime _now = MonotonicTime.FromSeconds(100);

    [Fact]
    public void Nobody_is_dominant_before_anything_was_heard()
    {
        var speaker = Conference("a", "b");
        Assert.Null(speaker.Dominant);
        Assert.Null(speaker.OnTick(_now));
        Assert.Equal(MonotonicTime.Never, speaker.NextTimeout);
    }

    [Fact]
    public void Who_speaks_becomes_dominant_within_a_second_and_a_half()
    {
        var speaker = Conference("a", "b", "c");
        Run(speaker, 2, ("a", Noise), ("b", Noise), ("c", Noise));
        Assert.Equal("a", speaker.Dominant);
        Run(speaker, 1.5, ("a", Noise), ("b", Speech), ("c", Noise));
        Assert.Equal("b", speaker.Dominant);
        Assert.Equal(["a"], speaker.Recent);
        Assert.Equal(2, _changes.Count);
        Assert.Equal(new SpeakerChange("b", []).Dominant, _changes[^1].Dominant);
        Assert.Equal(["b", "a", "c"], speaker.SpeechOrder());
    }

    [Fact]
    public void A_cough_does_not_take_the_floor()
    {
        var speaker = Conference("a", "b");
        Run(speaker, 2, ("a", Noise), ("b", Noise));
        Run(speaker, 2, ("a", Speech), ("b", Noise));
        Run(speaker, 0.1, ("a", Speech), ("b", 120));
        Run(speaker, 2, ("a", Speech), ("b", Noise));
        Assert.Equal("a", speaker.Dominant);
        Assert.Single(_changes);
    }

    [Fact]
    public void An_interjection_while_the_speaker_goes_on_changes_nothing()
    {
        var speaker = Conference("a", "b");
        Run(speaker, 2, ("a", Noise), ("b", Noise));
        Run(speaker, 2, ("a", Speech), ("b", Noise));
        Run(speaker, 1.5, ("a", Speech), ("b", Speech));
        Assert.Equal("a", speaker.Dominant);
    }

    [Fact]
    public void The_speaker_stays_dominant_through_a_pause()
    {
        var speaker = Conference("a", "b");
        Run(speaker, 2, ("a", Noise), ("b", Noise));
        Run(speaker, 2, ("a", Noise), ("b", Speech));
        Run(speaker, 5, ("a", Noise), ("b", Noise));
        Assert.Equal("b", speaker.Dominant);
    }

    [Fact]
    public void A_steady_loud_fan_is_not_speech()
    {
        var speaker = Conference("a", "b");
        Run(speaker, 20, ("a", Noise), ("b", 85));
        Assert.Equal("a", speaker.Dominant);
    }

    [Fact]
    public void Missing_packets_count_as_silence()
    {
        var speaker = Conference("a", "b");
        Run(speaker, 2, ("a", Noise), ("b", Noise));
        Run(speaker, 2, ("a", Speech), ("b", Noise));

        // a goes mute without a packet more; only then can b be heard over a's history.
        Run(speaker, 3, ("b", Speech));
        Assert.Equal("b", speaker.Dominant);
    }

    [Fact]
    public void The_recent_list_keeps_order_and_bound()
    {
        var names = Enumerable.Range(0, 14).Select(i => $"e{i:00}").ToArray();
        var speaker = Conference(names);
        Run(speaker, 1, names.Select(n => (n, Noise)).ToArray());
        foreach (var talking in names)
        {
            Run(speaker, 2, names.Select(n => (n, n == talking ? Speech : Noise)).ToArray());
            Assert.Equal(talking, speaker.Dominant);
        }

        Assert.Equal(names.Reverse().Skip(1).Take(SpeakerLimits.MaxRecentSpeakers), speaker.Recent);
        Assert.Equal(names.Length, speaker.SpeechOrder().Distinct().Count());

        // One of the list speaks again: it moves, it is not listed twice.
        Run(speaker, 2, names.Select(n => (n, n == "e10" ? Speech : Noise)).ToArray());
        Assert.Equal("e10", speaker.Dominant);
        Assert.Equal(["e13", "e12", "e11", "e09"], speaker.Recent.Take(4));
        Assert.DoesNotContain("e10", speaker.Recent);
    }

    [Fact]
    public void When_the_dominant_one_leaves_the_one_before_follows()
    {
        var speaker = Conference("a", "b", "c");
        Run(speaker, 1, ("a", Noise), ("b", Noise), ("c", Noise));
        Run(speaker, 2, ("a", Noise), ("b", Speech), ("c", Noise));
        Run(speaker, 2, ("a", Noise), ("b", Noise), ("c", Speech));
        speaker.Leave("c");
        var change = speaker.OnTick(_now);
        Assert.Equal("b", change!.Dominant);
        Assert.Equal(["a"], change.Previous);
        speaker.Leave("a");
        Assert.Equal([], speaker.OnTick(_now)!.Previous);
        speaker.Leave("b");
        Assert.Null(speaker.OnTick(_now)!.Dominant);
        Assert.Empty(speaker.SpeechOrder());
    }

    [Fact]
    public void After_fifteen_seconds_without_levels_it_sleeps()
    {
        var speaker = Conference("a", "b");
        Run(speaker, 1, ("a", Noise), ("b", Noise));
        Assert.NotEqual(MonotonicTime.Never, speaker.NextTimeout);
        for (var i = 0; i < 400; i++)
        {
            _now += TimeSpan.FromMilliseconds(40);
            speaker.OnTick(_now);
        }

        Assert.Equal(MonotonicTime.Never, speaker.NextTimeout);
        Run(speaker, 2, ("b", Speech));
        Assert.Equal("b", speaker.Dominant);
    }

    [Fact]
    public void Levels_of_strangers_are_refused()
    {
        var speaker = Conference("a");
        Assert.False(speaker.OnLevel("x", Speech, _now));
        Assert.True(speaker.OnLevel("a", 500, _now));
        Assert.True(speaker.OnLevel("a", -5, _now));
    }

    private static DominantSpeaker Conference(params string[] endpoints)
    {
        var speaker = new DominantSpeaker();
        foreach (var endpoint in endpoints) speaker.Join(endpoint);
        return speaker;
    }

    private void Run(DominantSpeaker speaker, double seconds, params (string Endpoint, int Loudness)[] levels)
    {
        for (var end = _now + TimeSpan.FromSeconds(seconds); _now < end; _now += TimeSpan.FromMilliseconds(20))
        {
            foreach (var (endpoint, loudness) in levels) speaker.OnLevel(endpoint, loudness, _now);
            if (speaker.OnTick(_now) is { } change) _changes.Add(change);
        }
    }
}
