using System.Globalization;
using System.Text.Json;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>
/// Whatever the parser takes from a client can be read again with all that the server adds on the way: by the link, by clients at once, late and as history, by services, and by the
/// next owner. One client makes nobody's history, session or room unreadable.
/// </summary>
public sealed class RoundTripTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Closed = "closed@muc.meet.jitsi";
    private const string Lobby = "closed@lobby.meet.jitsi";

    /// <summary>What a client sends: TO is who gets it, ME the sender's nick, ID an id of any length, P the payload.</summary>
    private static readonly (string Stanza, int Octets)[] Kinds =
    [
        ($"<presence id='ID' to='{Call}/ME'>P</presence>", 31_000),
        ($"<presence id='ID' to='{Call}/ME'><x xmlns='http://jabber.org/protocol/muc'/>P</presence>", 31_000),
        ($"<message type='groupchat' id='ID' xml:lang='x' to='{Call}'><body>T</body>P</message>", 14_000),
        ($"<message type='groupchat' id='ID' to='{Call}'><body>T</body>P<reply id='x' to='y'/></message>", 200_000),
        ($"<message type='groupchat' to='{Call}'><json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"x\",\"v\":\"👍 &amp;amp; ]]&gt;\"}}</json-message>P</message>", 100_000),
        ($"<message type='groupchat' id='ID' to='{Call}'><subject>T</subject></message>", 100),
        ($"<message type='chat' id='ID' to='{Call}/TO'><body>T</body>P</message>", 200_000),
        ($"<message id='ID' to='JID'><body>T</body>P</message>", 200_000),
        ($"<message type='error' id='ID' to='{Call}/TO'>P</message>", 10_000),
        ($"<iq type='set' id='ID' to='{Call}/TO'><q xmlns='urn:q'>P</q></iq>", 240_000),
        ($"<iq type='get' id='ID' to='JID'><q>P</q></iq>", 100_000),
        ($"<iq type='result' id='ID' to='{Call}/TO'>P</iq>", 100_000),
        ($"<iq type='error' id='ID' to='{Call}/TO'>P<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>", 50_000),
        ($"<iq type='set' id='ID' to='{Call}/focus'><jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='ID'>P</jingle></iq>", 100_000),
        ($"<iq type='set' id='ID' to='{Call}/nobody'><q xmlns='urn:q'>P</q></iq>", 50_000),
        ($"<iq type='get' id='ID' to='{Call}'><q xmlns='urn:q'>P</q></iq>", 50_000),
        ($"<iq type='set' id='ID' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}' machine-uid='ID'>P</conference></iq>", 50_000),
        ("<iq type='set' id='ID' to='focus@auth.meet.jitsi/focus'><logout xmlns='http://jitsi.org/protocol/focus' session-id='ID'>P</logout></iq>", 50_000),
        ("<message id='ID' to='polls.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{\"type\":\"x\"}</json-message>P</message>", 50_000),
        ("<message id='ID' to='metadata.meet.jitsi'><room_metadata xmlns='http://jitsi.org/jitmeet'>{\"key\":\"ID\",\"data\":\"ID\"}</room_metadata></message>", 100),
        ("<message id='ID' to='ID@@'><body>T</body>P</message>", 50_000),
        ("<iq type='get' id='ID' to='meet.jitsi'><q xmlns='urn:q'>P</q></iq>", 50_000),
        ($"<presence id='ID' to='{Closed}/ME'><x xmlns='http://jabber.org/protocol/muc'/><nick xmlns='http://jabber.org/protocol/nick'>T</nick>P</presence>", 31_000),
        ($"<presence id='ID' to='{Lobby}/ME'><x xmlns='http://jabber.org/protocol/muc'/><nick xmlns='http://jabber.org/protocol/nick'>T</nick>P</presence>", 31_000),
        ($"<message type='chat' id='ID' to='{Lobby}/OWNER'><body>T</body>P</message>", 50_000),
        ($"<presence type='unavailable' id='ID' to='{Lobby}/ME'>P</presence>", 31_000),
        ($"<presence id='ID' to='unopened@muc.meet.jitsi/ME'><x xmlns='http://jabber.org/protocol/muc'/>P</presence>", 31_000),
        ($"<presence type='unavailable' id='ID' to='{Call}/ME'>P<status>T</status></presence>", 100_000),
    ];

    public static TheoryData<Extreme> Extremes => [.. Enum.GetValues<Extreme>()];

    [Theory]
    [MemberData(nameof(Extremes))]
    public void What_the_parser_takes_from_a_client_everybody_reads_with_all_that_the_server_adds(Extreme extreme)
    {
        for (var seed = 1; seed <= 3; seed++) Run(extreme, seed + ((int)extreme * 100), 1 + ((seed - 1) * 2));
    }

    [Theory]
    [InlineData(Extreme.Attributes)]
    [InlineData(Extreme.Depth)]
    [InlineData(Extreme.Nodes)]
    [InlineData(Extreme.Prefixes)]
    [InlineData(Extreme.PrefixedAttributes)]
    [InlineData(Extreme.Namespaces)]
    public void The_extremes_are_the_parsers_bounds(Extreme extreme)
    {
        var maker = new StanzaMaker(1);
        string Stanza(int beyond) => $"<message xmlns='jabber:client'>{maker.Payload(extreme, 240_000, beyond)}</message>";
        Assert.True(XmppParser.TryParse(Stanza(0), out _, out _, out _, fromClient: true));
        Assert.False(XmppParser.TryParse(Stanza(1), out _, out _, out _, fromClient: true));
    }

    private static void Run(Extreme extreme, int seed, int part)
    {
        var maker = new StanzaMaker(seed);
        var world = new World(nodes: 2);
        using var readers = new Readers(world);
        var owner = world.Enters(Closed);
        world.Focus.MakesOwner(Closed, owner.BareJid);
        owner.Sends($"<iq type='set' id='l' to='{Closed}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field></x></query></iq>");
        owner.Joins(Lobby);
        var (ann, mallory) = (world.Enters(), world.Enters(node: 1, extra: "<nick xmlns='http://jabber.org/protocol/nick'>&lt;&amp;]]&gt;</nick>"));
        world.Focus.MakesOwner(Call, mallory.BareJid);
        var (before, taken) = (readers.Carried, 0);
        for (var i = 0; i < Kinds.Length; i++)
        {
            var (kind, octets) = Kinds[i];
            var text = Fill(kind, maker, extreme, Math.Max(200, octets / part), ann, mallory, owner);
            var where = $"seed {seed}, {extreme}, kind {i}: {(text.Length < 800 ? text : text[..800])}";
            Assert.True(XmppParser.TryParse(World.WithClientNamespace(text), out _, out var error, out _, fromClient: true), $"{error}, {where}");
            // Ann misses some of it, and gets it when she resumes.
            if (i % 5 == 3) ann.LosesSocket();
            try
            {
                mallory.Sends(text);
                if (!ann.SocketOpen) ann = Resumes(world, ann);
            }
            catch (Exception exception) when (exception is Xunit.Sdk.XunitException or FormatException)
            {
                Assert.Fail($"{where}\n{exception}");
            }

            Assert.True(mallory.SocketOpen && ann.SocketOpen, where);
            world.Passes(TimeSpan.FromSeconds(60));
            if (!kind.Contains("unopened", StringComparison.Ordinal) && i % 4 == 0) GoesOn(world, where);
            taken++;
        }

        GoesOn(world, $"seed {seed}, {extreme}");
        // What the amplification bound refuses comes to no room: it must be the exception here.
        Assert.InRange(readers.Carried - before, Kinds.Length * 2 / 3, int.MaxValue);
        Assert.Equal(Kinds.Length, taken);
        Assert.InRange(readers.Texts, 20 * Kinds.Length, int.MaxValue);
    }

    private static string Fill(string kind, StanzaMaker maker, Extreme extreme, int octets, Client ann, Client mallory, Client owner)
    {
        var id = maker.Below(4) == 0 ? maker.Text(Math.Min(octets / 4, 900)) : $"i{maker.Below(1_000_000).ToString(CultureInfo.InvariantCulture)}";
        // Text that JSON can hold too.
        if (kind.Contains("{\"key\"", StringComparison.Ordinal)) id = "k";
        return kind.Replace("P", "\u0001", StringComparison.Ordinal).Replace("ID", "\u0002", StringComparison.Ordinal).Replace(">T<", ">\u0003<", StringComparison.Ordinal)
            .Replace("TO", ann.Nick, StringComparison.Ordinal).Replace("J\u0002", ann.FullJid, StringComparison.Ordinal).Replace("OWNER", owner.Nick, StringComparison.Ordinal).Replace("ME", mallory.Nick, StringComparison.Ordinal)
            .Replace("\u0001", maker.Payload(extreme, octets, within: Wraps(kind) ? 2 : 1), StringComparison.Ordinal).Replace("\u0002", id, StringComparison.Ordinal).Replace("\u0003", maker.Text(30), StringComparison.Ordinal);
    }

    private static bool Wraps(string kind) => kind.Contains("P</", StringComparison.Ordinal) && !kind.EndsWith("P</iq>", StringComparison.Ordinal) && kind.EndsWith("</iq>", StringComparison.Ordinal);

    /// <summary>Who comes now gets every presence and all of the history, and so does who comes after another owner has read the room.</summary>
    private static void GoesOn(World world, string where)
    {
        try
        {
            var first = Newcomer(world);
            world.RoomsMove();
            Assert.Equal(first, Newcomer(world));
        }
        catch (Exception exception) when (exception is Xunit.Sdk.XunitException or FormatException)
        {
            Assert.Fail($"{where}\n{exception}");
        }
    }

    private static List<string> Newcomer(World world)
    {
        var cid = world.Enters();
        var others = cid.Inbox.Where(stanza => stanza.Name == "presence" && stanza["from"] != $"{Call}/{cid.Nick}").ToList();
        var history = cid.Inbox.Where(stanza => stanza.Name == "message" && stanza.Child("delay", Namespaces.Delay) is not null).ToList();
        Assert.Equal(Occupants(world) - 1, others.Count);
        Assert.Equal(Remembered(world), history.Count);
        Assert.Contains(cid.Inbox, stanza => stanza.Child("subject") is not null);
        cid.Sends($"<presence type='unavailable' to='{Call}/{cid.Nick}'/>");
        return [.. others.Concat(history).Select(stanza =>
        {
            stanza["to"] = null;
            return stanza.ToString();
        })];
    }

    private static int Occupants(World world) => world.StoredState.Split('\n').Count(line => line.Contains($":{Call} occupant:", StringComparison.Ordinal));

    private static int Remembered(World world)
    {
        var line = world.StoredState.Split('\n').FirstOrDefault(line => line.Contains($":{Call} history ", StringComparison.Ordinal));
        if (line is null) return 0;
        using var history = JsonDocument.Parse(line[(line.IndexOf(" history ", StringComparison.Ordinal) + 9)..]);
        return history.RootElement.GetArrayLength();
    }

    private static Client Resumes(World world, Client lost)
    {
        var again = world.Dials(previousId: lost.ResumeId);
        World.LogsIn(again);
        again.ResumeId = lost.ResumeId;
        again.Handled = lost.Handled;
        again.Sends($"<resume xmlns='urn:xmpp:sm:3' h='{lost.Handled}' previd='{lost.ResumeId}'/>");
        return again;
    }
}
