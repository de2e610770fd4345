using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

/// <summary>Sender limits, timeouts, request budgets and feature discovery.</summary>
public class SmallPartsTests
{
    private readonly ConferenceParts _parts = new();

    [Fact]
    public void Limits_are_published_when_they_are_reached_and_when_they_are_no_longer()
    {
        _parts.Options.MaxAudioSenders = 1;
        var limits = new SenderLimits(_parts.Document, _parts.Presence, _parts.Options);
        limits.Check();
        Assert.Empty(_parts.Outputs);
        _parts.Join("ann", ann => ann with { AudioMuted = false });
        limits.Check();
        limits.Check();
        Assert.Single(_parts.Stanzas);
        Assert.True(limits.Refuses(new SourceSet([new Source(1, MediaKind.Audio)], [])));
        Assert.False(limits.Refuses(new SourceSet([new Source(1, MediaKind.Video)], [])));
        _parts.Join("ann");
        limits.Check();
        Assert.Equal(2, _parts.Stanzas.Count);
        Assert.Equal(SenderLimitState.Initial, _parts.Core.SenderLimits);
    }

    [Fact]
    public void A_timeout_is_taken_once()
    {
        _parts.Timeouts.WaitForParticipants();
        _parts.Timeouts.WaitForSecondParticipant();
        Assert.False(_parts.Timeouts.TakeEmpty());
        Assert.False(_parts.Timeouts.TakeSingle());
        _parts.Begin(_parts.Options.InitialTimeout.TotalSeconds);
        Assert.True(_parts.Timeouts.TakeEmpty());
        Assert.False(_parts.Timeouts.TakeEmpty());
        Assert.False(_parts.Timeouts.WaitsForParticipants);
        _parts.Begin(_parts.Options.SingleParticipantTimeout.TotalSeconds);
        Assert.True(_parts.Timeouts.TakeSingle());
        Assert.False(_parts.Timeouts.TakeSingle());
    }

    [Fact]
    public void A_request_beyond_the_budget_of_its_sender_is_answered_and_costs_nothing_more()
    {
        var ann = _parts.Join("ann");
        var iq = Stanzas.Iq("set", "1", "focus@auth.meet.example/focus", null, ConferenceParts.Room + "/ann");
        Assert.True(_parts.Budgets.TryTake(iq, ref ann, FocusLimits.RequestBurst));
        Assert.Empty(_parts.Outputs);
        var full = _parts.Document.Find("ann");
        Assert.False(_parts.Budgets.TryTake(iq, ref ann, 1));
        Assert.Same(full, _parts.Document.Find("ann"));
        Assert.Equal("resource-constraint", StanzaError.Read(Assert.Single(_parts.Stanzas)).Condition);
        Assert.Equal(1, _parts.Count(ConferenceEvent.RequestRefused));
    }

    [Fact]
    public void Features_that_another_client_verified_are_not_asked_for()
    {
        var features = new FeatureDiscovery(_parts.Document, _parts.Effects, _parts.Iqs);
        _parts.Caps["node#hash"] = ParticipantFeatures.Audio;
        features.Discover(_parts.Join("ann", ann => ann with { Features = null, Caps = "node#hash" }));
        Assert.Empty(_parts.Outputs);
        Assert.Equal(ParticipantFeatures.Audio, _parts.Document.Find("ann")!.Features);
        features.Discover(_parts.Join("bob", bob => bob with { Features = null, Caps = "node#other" }));
        Assert.Equal("node#other", Assert.Single(_parts.Stanzas).Child("query")!["node"]);
    }

    [Fact]
    public void Features_whose_hash_is_not_the_one_of_the_presence_count_for_their_sender_alone()
    {
        var features = new FeatureDiscovery(_parts.Document, _parts.Effects, _parts.Iqs);
        _parts.Join("ann", ann => ann with { Features = null, Caps = "node#hash" });
        var query = new XmppElement("query", Namespaces.DiscoInfo).Add(new XmppElement("feature", Namespaces.DiscoInfo, ("var", "urn:xmpp:jingle:apps:rtp:audio")));
        Assert.True(features.OnAnswer("ann", query));
        Assert.Equal(ParticipantFeatures.Audio, _parts.Document.Find("ann")!.Features);
        Assert.Empty(_parts.Outputs);
        Assert.False(features.OnAnswer("ann", null));
        Assert.False(features.OnAnswer("left", query));
    }

    [Fact]
    public void A_client_that_does_not_answer_counts_as_one_with_the_default_features()
    {
        _parts.Join("ann", ann => ann with { Features = null });
        Assert.True(new FeatureDiscovery(_parts.Document, _parts.Effects, _parts.Iqs).OnAnswer("ann", null));
        Assert.Equal(ParticipantFeatures.Default, _parts.Document.Find("ann")!.Features);
    }
}
