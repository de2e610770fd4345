using System.Text;
using System.Text.Json;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>What moderators hear of AV moderation's whitelist, read as lib-jitsi-meet reads it: each list is compared with the one before.</summary>
public sealed class ModeratorListTests
{
    private const string Call = "call@muc.meet.jitsi";

    private readonly World _world = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void However_large_the_list_each_change_is_the_right_event_and_bounded(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        var ann = _world.Enters();
        var bob = _world.Enters();
        foreach (var moderator in (Client[])[ann, bob]) _world.Focus.MakesOwner(Call, moderator.BareJid);
        var crowd = Enumerable.Range(0, 60).Select(_ => _world.Enters()).ToList();
        bob.Forgets();
        _world.Focus.Forgets();
        ann.Sends("<message to='avmoderation.meet.jitsi'><av_moderation enable='true' mediaType='audio'/></message>");
        var (view, focus) = (new LibraryView("audio"), new LibraryView("audio"));
        view.Reads(bob.Inbox);
        var allowed = new HashSet<string> { Jid(ann), Jid(bob) };
        Assert.Equal(allowed, view.Approved);
        var longest = 0;
        for (var round = 0; round < 400; round++)
        {
            // More is approved than rejected for some time, and then the other way, so that the list passes its bound both ways.
            var one = Jid(crowd[random.NextInt(crowd.Count)]);
            var approve = random.NextInt(10) < (round / 100 % 2 == 0 ? 8 : 2);
            var frame = $"<message to='avmoderation.meet.jitsi' xmlns='jabber:client'><av_moderation {(approve ? "jidToWhitelist" : "jidToBlacklist")}='{one}' mediaType='audio'/></message>";
            var before = bob.Frames.Count;
            bob.Forgets();
            _world.Brings(ann, frame);
            if (approve) allowed.Add(one);
            else allowed.Remove(one);
            view.Reads(bob.Inbox);
            focus.Reads(_world.Focus.Takes());
            Assert.True(allowed.SetEquals(view.Approved), $"Seed {seed}, round {round}");
            var octets = bob.Frames.Skip(before).Sum(got => Encoding.UTF8.GetByteCount(got));
            longest = Math.Max(longest, octets);
            Assert.True(octets <= (2 * Encoding.UTF8.GetByteCount(frame)) + 4096, $"Seed {seed}, round {round}: {octets}");
            Assert.True(allowed.SetEquals(focus.Last), $"Seed {seed}, round {round}");
        }

        Assert.InRange(allowed.Count, 1, crowd.Count);
        Assert.InRange(longest, SignallingLimits.WhitelistOctets / 2, 4096);
    }

    [Fact]
    public void A_promotion_gives_the_others_one_change_and_the_new_moderator_the_latest_of_a_long_list()
    {
        var ann = _world.Enters();
        _world.Focus.MakesOwner(Call, ann.BareJid);
        foreach (var media in (string[])["audio", "video", "desktop"])
        {
            _world.Brings(ann, $"<message to='avmoderation.meet.jitsi'><av_moderation enable='true' mediaType='{media}'/></message>");
        }

        var crowd = Enumerable.Range(0, 80).Select(_ => _world.Enters()).ToList();
        foreach (var one in crowd)
        {
            foreach (var media in (string[])["audio", "video", "desktop"]) _world.Brings(ann, $"<message to='avmoderation.meet.jitsi'><av_moderation jidToWhitelist='{Jid(one)}' mediaType='{media}'/></message>");
        }

        var cid = _world.Enters();
        cid.Forgets();
        ann.Forgets();
        var (annBefore, cidBefore) = (ann.Frames.Count, cid.Frames.Count);
        var frame = $"<iq type='set' id='own' to='{Call}' xmlns='jabber:client'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='owner' jid='{cid.BareJid}'/></query></iq>";
        _world.Brings(ann, frame);
        var bound = (2 * Encoding.UTF8.GetByteCount(frame)) + 4096;
        Assert.InRange(ann.Frames.Skip(annBefore).Sum(Encoding.UTF8.GetByteCount), 1, bound);
        Assert.InRange(cid.Frames.Skip(cidBefore).Sum(Encoding.UTF8.GetByteCount), 1, bound);
        var view = new LibraryView("video");
        view.Reads(cid.Inbox);
        Assert.Contains(Jid(cid), view.Approved);
        Assert.Contains(Jid(crowd[^1]), view.Approved);
        Assert.DoesNotContain(Jid(crowd[0]), view.Approved);
    }

    private static string Jid(Client client) => $"{Call}/{client.Nick}";

    /// <summary>The list that a client holds, and who its events said to be approved.</summary>
    private sealed class LibraryView(string media)
    {
        private List<string> _list = [];

        public HashSet<string> Approved { get; } = [];

        public List<string> Last => _list;

        public void Reads(IEnumerable<XmppElement> stanzas)
        {
            foreach (var stanza in stanzas) Reads(stanza);
        }

        private void Reads(XmppElement stanza)
        {
            if (stanza["from"] != "avmoderation.meet.jitsi" || stanza.Child("json-message") is not { } json) return;
            var message = JsonDocument.Parse(json.Text).RootElement;
            if (!message.TryGetProperty("whitelists", out var lists) || message.GetProperty("mediaType").GetString() != media) return;
            List<string> list = lists.TryGetProperty(media, out var own) ? [.. own.EnumerateArray().Select(jid => jid.GetString()!)] : [];
            if (message.TryGetProperty("removed", out _)) Approved.ExceptWith(_list.Except(list));
            else Approved.UnionWith(list.Except(_list));
            _list = list;
        }
    }
}
