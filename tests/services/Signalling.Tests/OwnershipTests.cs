using JitsiMesh.Signalling.Tests.Scripts;

namespace JitsiMesh.Signalling.Tests;

/// <summary>Rooms move between owners, sessions live on several nodes (design, section 4).</summary>
public sealed class OwnershipTests
{
    private const string Call = "call@muc.meet.jitsi";

    [Fact]
    public void A_new_owner_goes_on_from_the_store_and_nobody_notices()
    {
        var world = new World();
        var ann = world.Enters(extra: "<stats-id>A</stats-id>");
        var bob = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Sends($"<message type='groupchat' to='{Call}' id='m1'><body>before</body></message>");
        ann.Sends("<message to='avmoderation.meet.jitsi'><av_moderation enable='true' mediaType='video'/></message>");
        var meeting = world.Room(Call).Configuration.MeetingId;
        ann.Forgets();
        bob.Forgets();

        world.RoomsMove();
        bob.ReceivesNothing();
        Assert.Equal(meeting, world.Room(Call).Configuration.MeetingId);
        bob.Sends($"<message type='groupchat' to='{Call}'><body>after</body></message>");
        ann.Receives($"<message from='{Call}/{bob.Nick}'><body>after</body></message>");
        var cid = world.Connects();
        cid.Joins(Call);
        cid.Receives($"<presence from='{Call}/focus'/>");
        cid.Receives($"<presence from='{Call}/{ann.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner' role='moderator'/></x><stats-id>A</stats-id></presence>");
        cid.Eventually("<message id='m1'><body>before</body></message>");
        cid.Eventually("<message from='avmoderation.meet.jitsi'/>");
        ann.Eventually($"<presence from='{Call}/{cid.Nick}'/>");
        world.Focus.Sends(Call, $"<iq type='set' id='j' to='{Call}/{bob.Nick}'><jingle xmlns='urn:xmpp:jingle:1'/></iq>");
        bob.Eventually($"<iq id='j' from='{Call}/focus'/>");
    }

    [Fact]
    public void Occupants_of_two_nodes_meet()
    {
        var world = new World(nodes: 2);
        var ann = world.Enters(node: 0);
        var bob = world.Enters(node: 1);
        ann.Eventually($"<presence from='{Call}/{bob.Nick}'/>");
        bob.Forgets();
        ann.Sends($"<message type='groupchat' to='{Call}'><body>hi</body></message>");
        bob.Receives("<message><body>hi</body></message>");
    }

    [Fact]
    public void Who_was_on_a_dead_node_leaves_after_a_grace_and_not_when_the_node_comes_back()
    {
        var world = new World(nodes: 2);
        var ann = world.Enters(node: 0);
        var bob = world.Enters(node: 1);
        ann.Forgets();
        world.NodesLive(0);
        world.Passes(TimeSpan.FromSeconds(30));
        world.NodesLive(0, 1);
        world.Passes(TimeSpan.FromSeconds(40));
        ann.ReceivesNothing();
        world.NodesLive(0);
        world.Passes(TimeSpan.FromSeconds(59));
        ann.ReceivesNothing();
        world.Passes(TimeSpan.FromSeconds(2));
        ann.Receives($"<presence type='unavailable' from='{Call}/{bob.Nick}'/>");
        // Focus is no session and stays.
        ann.ReceivesNothing();
    }

    [Fact]
    public void The_same_inputs_make_the_same_outputs()
    {
        static string Run()
        {
            var world = new World();
            var ann = world.Enters();
            var bob = world.Enters();
            world.Focus.MakesOwner(Call, ann.BareJid);
            ann.Sends($"<message type='groupchat' to='{Call}'><body>x</body></message>");
            bob.LosesSocket();
            world.Passes(TimeSpan.FromMinutes(2));
            return string.Join('\n', ann.Frames.Concat(bob.Frames));
        }

        Assert.Equal(Run(), Run());
    }
}
