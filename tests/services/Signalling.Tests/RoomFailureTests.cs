using System.Text;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;

namespace JitsiMesh.Signalling.Tests;

/// <summary>
/// A bug inside a room costs the sender of the stanza an error: what the stanza had changed is undone, nobody gets half of it, and other rooms do not notice.
/// A feature that fails on purpose stands for the bug, at each of its methods.
/// </summary>
public sealed class RoomFailureTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Error = "<internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>";

    [Theory]
    [InlineData("Joining", "join", 1)]
    [InlineData("Joining", "join", 3)]
    [InlineData("Presence", "join", 1)]
    [InlineData("Presence", "join", 2)]
    [InlineData("BeforeSelfPresence", "join", 1)]
    [InlineData("BeforeSelfPresence", "join", 2)]
    [InlineData("SelfPresence", "join", 1)]
    [InlineData("Joined", "join", 1)]
    [InlineData("Joined", "join", 3)]
    [InlineData("Save", "join", 1)]
    [InlineData("Save", "join", 2)]
    [InlineData("Save", "join", 3)]
    [InlineData("Presence", "presence", 1)]
    [InlineData("Presence", "presence", 2)]
    [InlineData("SelfPresence", "presence", 3)]
    [InlineData("Save", "presence", 2)]
    [InlineData("RoleChanged", "grant", 1)]
    [InlineData("RoleChanged", "grant", 2)]
    [InlineData("Left", "kick", 1)]
    [InlineData("Groupchat", "chat", 1)]
    [InlineData("Groupchat", "chat", 5)]
    [InlineData("Relaying", "iq", 1)]
    [InlineData("Command", "command", 1)]
    [InlineData("Describe", "disco", 2)]
    [InlineData("Left", "end", 1)]
    [InlineData("Left", "end", 3)]
    public void What_a_stanza_has_changed_before_it_failed_is_undone(string hook, string action, int call)
    {
        var (world, plan, people) = Meeting();
        var (ann, bob, cid, dan) = (people[0], people[1], people[2], people[3]);
        Client[] others = action is "join" ? [ann, bob, cid] : action is "presence" ? [ann, cid] : [bob, cid];
        plan.Arm(hook, call);
        // Several times the same until it fails: the ones before take effect.
        var tries = 0;
        string stored;
        string live;
        Client sender;
        do
        {
            Assert.True(++tries < 20, "it never failed");
            plan.Hook = null;
            (stored, live) = (world.StoredState, Live(world.Room(Call)));
            foreach (var person in people) person.Forgets();
            plan.Hook = hook;
            sender = action is "join" ? world.Connects() : action is "presence" ? bob : ann;
            Acts(sender, action, tries, bob, cid);
        }
        while (world.Failures!.Count == 0);

        plan.Hook = null;
        Assert.Single(world.Failures!);
        Assert.Equal(stored, world.StoredState);
        Assert.Equal(live, Live(world.Room(Call)));
        foreach (var other in others) other.ReceivesNothing();
        if (action == "presence") sender.ReceivesNothing();
        else Assert.Contains("internal-server-error", Assert.Single(sender.Inbox).ToString(), StringComparison.Ordinal);

        // Everybody is still there, the one that failed too, and others can come.
        StillWorks(world, [ann, bob, cid]);
        dan.ReceivesNothing();
        dan.Sends($"<message type='groupchat' to='{dan.Connection.Room}@muc.meet.jitsi' id='o'><body>o</body></message>");
        dan.Receives("<message id='o'><body>o</body></message>");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_leaves_has_left_whatever_a_feature_says(bool always)
    {
        var (world, plan, people) = Meeting();
        var (ann, bob, cid) = (people[0], people[1], people[2]);
        foreach (var person in people) person.Forgets();
        plan.Arm("Left", 1, always);
        bob.Sends($"<presence type='unavailable' to='{Call}/{bob.Nick}'/>");
        plan.Hook = null;
        ann.Receives($"<presence type='unavailable' from='{Call}/{bob.Nick}'/>");
        cid.Receives($"<presence type='unavailable' from='{Call}/{bob.Nick}'/>");
        bob.Receives($"<presence type='unavailable' from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
        Assert.Null(world.Room(Call).ByNick(bob.Nick));
        Assert.NotEmpty(world.Failures!);
        var live = Live(world.Room(Call));
        world.RoomsMove();
        Assert.Equal(live, Live(world.Room(Call)));
        StillWorks(world, [ann, cid]);
    }

    [Fact]
    public void A_join_that_waited_for_focus_and_fails_does_not_keep_the_others_out()
    {
        var (world, plan, _) = Meeting();
        const string Held = "held@muc.meet.jitsi";
        // An account of ours opens the room before focus comes.
        world.Brings(Admin(world), $"<presence to='{Held}/janitor'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        var waiting = Enumerable.Range(0, 3).Select(_ => world.Connects("held")).ToArray();
        foreach (var client in waiting) client.Joins(Held);
        Assert.All(waiting, client => client.ReceivesNothing());
        plan.Room = Held;
        // The calls before are for focus, the account and the first held join.
        plan.Arm("Joined", 4);
        world.Focus.Enters(Held);
        waiting[0].Eventually($"<presence from='{Held}/{waiting[0].Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
        waiting[1].Receives($"<presence type='error' from='{Held}/{waiting[1].Nick}'><error type='cancel'>{Error}</error></presence>");
        waiting[2].Eventually($"<presence from='{Held}/{waiting[2].Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
        Assert.Null(world.Room(Held).ByNick(waiting[1].Nick));
    }

    [Fact]
    public void A_join_of_focus_that_fails_leaves_those_waiting_who_waited()
    {
        var (world, plan, _) = Meeting();
        const string Held = "held@muc.meet.jitsi";
        world.Brings(Admin(world), $"<presence to='{Held}/janitor'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        var client = world.Connects("held");
        client.Joins(Held);
        plan.Room = Held;
        plan.Arm("Joined");
        world.Focus.Enters(Held);
        Assert.Equal(2, world.Room(Held).HeldCount);
        Assert.Null(world.Room(Held).ByNick("focus"));
        client.ReceivesNothing();
        world.Focus.Sends(Held, $"<presence to='{Held}/focus'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        client.Eventually($"<presence from='{Held}/{client.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
    }

    [Fact]
    public void A_room_that_cannot_be_put_back_ends_and_its_occupants_are_told()
    {
        var (world, plan, people) = Meeting();
        foreach (var person in people) person.Forgets();
        plan.Arm("Load", 1, always: true);
        var trigger = new FailurePlan { Room = Call };
        trigger.Arm("Groupchat");
        world.Fits = Fits(plan, trigger);
        world.RoomsMoveQuietly(plan);
        people[0].Sends($"<message type='groupchat' to='{Call}' id='m'><body>m</body></message>");
        foreach (var person in people[..3]) person.Eventually($"<presence type='unavailable' from='{Call}/{person.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><destroy><reason>{RoomPartition.Broken}</reason></destroy></x></presence>");
        Assert.False(world.HasRoom(Call));
        Assert.DoesNotContain(world.StoreKeys, key => key.EndsWith(Call, StringComparison.Ordinal));
        people[3].ReceivesNothing();
        // A new meeting of the same name begins.
        plan.Hook = null;
        world.Focus.Leaves(Call);
        world.Focus.Enters(Call);
        people[0].Joins(Call);
        people[0].Eventually($"<presence from='{Call}/{people[0].Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
    }

    [Theory]
    [InlineData("Tick")]
    [InlineData("Deadline")]
    public void A_timer_that_fails_rests_and_those_of_other_rooms_run(string hook)
    {
        var (world, plan, people) = Meeting();
        foreach (var person in people) person.Forgets();
        var other = $"{people[3].Connection.Room}@muc.meet.jitsi";
        var before = Live(world.Room(Call));
        plan.Arm(hook, 1, always: true);
        plan.TickAt = world.Now.Now;
        for (var i = 0; i < 50; i++)
        {
            // A deadline that stays in the past would be a loop without rest.
            if (world.Deadline(Call) <= world.Now.Now) world.Passes(TimeSpan.Zero);
            world.Passes(TimeSpan.FromMilliseconds(100));
        }

        Assert.InRange(plan.Ticks.GetValueOrDefault(Call), hook == "Tick" ? 1 : 0, 1);
        Assert.True(plan.Ticks[other] >= 50);
        plan.Hook = null;
        Assert.Equal(before, Live(world.Room(Call)));
        world.Passes(SignallingLimits.FailedTickPause);
        Assert.True(plan.Ticks[Call] >= 1);
        StillWorks(world, people[..3]);
    }

    [Fact]
    public void An_occupant_whose_node_is_gone_goes_though_a_feature_fails()
    {
        var (world, plan, people) = Meeting(nodes: 2);
        foreach (var person in people) person.Forgets();
        world.NodesLive(0);
        plan.Arm("Left", 1, always: true);
        world.Passes(world.Options.NodeGoneGrace + TimeSpan.FromSeconds(1));
        plan.Hook = null;
        people[0].Receives($"<presence type='unavailable' from='{Call}/{people[2].Nick}'/>");
        Assert.Null(world.Room(Call).ByNick(people[2].Nick));
    }

    private static void Acts(Client sender, string action, int turn, Client bob, Client cid)
    {
        switch (action)
        {
            case "join":
                sender.Joins(Call);
                break;
            case "presence":
                sender.Sends($"<presence to='{Call}/{sender.Nick}'><turn>{turn}</turn></presence>");
                break;
            case "grant":
                // There and back: each changes a role.
                sender.Sends($"<iq type='set' id='a' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='{(turn % 2 == 1 ? "owner" : "none")}' jid='{bob.BareJid}'/><item affiliation='member' jid='{cid.BareJid}'/></query></iq>");
                break;
            case "kick":
                sender.Sends($"<iq type='set' id='a' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='{bob.Nick}' role='none'/></query></iq>");
                break;
            case "chat":
                sender.Sends($"<message type='groupchat' to='{Call}' id='m{turn}'><body>{turn}</body></message>");
                break;
            case "iq":
                sender.Sends($"<iq type='set' id='a' to='{Call}/{bob.Nick}'><x xmlns='urn:x'/></iq>");
                break;
            case "command":
                sender.Sends("<message to='endconference.meet.jitsi' id='a'><end_conference/></message>");
                break;
            case "disco":
                sender.Sends($"<iq type='get' id='a' to='{Call}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
                break;
            case "end":
                sender.Sends($"<iq type='set' id='a' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query></iq>");
                break;
        }
    }

    private static void StillWorks(World world, IReadOnlyList<Client> people)
    {
        foreach (var person in people)
        {
            foreach (var each in people) each.Forgets();
            person.Sends($"<message type='groupchat' to='{Call}' id='w'><body>still here</body></message>");
            foreach (var each in people) each.Receives($"<message from='{Call}/{person.Nick}' id='w'><body>still here</body></message>");
        }

        var late = world.Connects();
        late.Joins(Call);
        late.Eventually($"<presence from='{Call}/{late.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
    }

    /// <summary>Ann, a moderator, Bob and Cid in one room, Dan in another of the same partition.</summary>
    private static (World World, FailurePlan Plan, Client[] People) Meeting(int nodes = 1)
    {
        var plan = new FailurePlan { Room = Call };
        var world = new World(nodes: nodes) { Failures = [], Fits = Fits(plan) };
        var people = new[] { world.Enters(), world.Enters(), world.Enters(node: nodes - 1), null! };
        world.Focus.MakesOwner(Call, people[0].BareJid);
        var other = Enumerable.Range(0, 10_000).Select(i => $"other{i}").First(name => Partitions.Of($"{name}@muc.meet.jitsi") == Partitions.Of(Call));
        people[3] = world.Enters($"{other}@muc.meet.jitsi");
        return (world, plan, people);
    }

    private static Func<RoomContext, RoomContext> Fits(params FailurePlan[] plans) =>
        context => context with { Modules = room => [.. plans.Select(plan => new FailingModule(room, plan)), .. context.Modules(room)] };

    private static Client Admin(World world)
    {
        world.Admission = new AuthAdmission();
        var admin = world.Connects("held", host: "auth.meet.jitsi");
        world.Admission = new AnonymousAdmission(world.Features.Domains);
        return admin;
    }

    /// <summary>All that a room is, as far as anybody could see it.</summary>
    private static string Live(Room room)
    {
        var text = new StringBuilder().Append(room.Configuration).AppendLine();
        foreach (var occupant in room.Occupants) text.Append(room.AffiliationOf(occupant)).Append(' ').Append(occupant.Role).Append(' ').Append(occupant.Nick).Append(' ').Append(occupant.Session.FullJid).Append(' ').Append(occupant.Presence).AppendLine();
        foreach (var module in room.Modules) text.Append(module.Name).Append(' ').Append(module.Save() is { } state ? Encoding.UTF8.GetString(state) : "").AppendLine();
        foreach (var held in room.Held) text.Append(held.Stanza).AppendLine();
        return text.ToString();
    }

    private sealed class AuthAdmission : IAdmission
    {
        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(["ANONYMOUS"]);

        public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation) => ValueTask.FromResult<AdmissionResult>(new AdmissionResult.Admitted("janitor", SessionContext.Empty));
    }
}
