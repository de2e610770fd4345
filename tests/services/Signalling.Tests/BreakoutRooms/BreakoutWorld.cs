using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.BreakoutRooms;

/// <summary>A meeting with a moderator, and what clients do about breakout rooms.</summary>
internal sealed class BreakoutWorld
{
    public const string Call = "call@muc.meet.jitsi";
    public const string Component = "breakout.meet.jitsi";

    public BreakoutWorld(Action<SignallingOptions>? configure = null, int nodes = 1)
    {
        World = new World(configure, nodes);
        Ann = World.Enters(extra: Named("Ann"));
        World.Focus.MakesOwner(Call, Ann.BareJid);
    }

    public World World { get; }

    /// <summary>The moderator.</summary>
    public Client Ann { get; }

    public static string Named(string name) => $"<nick xmlns='http://jabber.org/protocol/nick'>{name}</nick>";

    public static void Commands(Client client, string type, string attributes) =>
        client.Sends($"<message to='{Component}' id='c'><breakout_rooms type='features/breakout-rooms/{type}' {attributes}/></message>");

    /// <summary>A participant of the main room.</summary>
    public Client Enters(string name, int node = 0) => World.Enters(node: node, extra: Named(name));

    /// <summary>Makes a breakout room; its JID, as people are told of it.</summary>
    public string Adds(string subject)
    {
        var before = World.StoreKeys.ToHashSet();
        Commands(Ann, "add", $"subject='{subject}'");
        World.Passes(TimeSpan.FromSeconds(1));
        var key = Assert.Single(World.StoreKeys, key => key.EndsWith($"@{Component}", StringComparison.Ordinal) && !before.Contains(key));
        return key[(key.LastIndexOf(':') + 1)..];
    }

    /// <summary>The steps of a client that changes rooms.</summary>
    public void Switches(Client client, string from, string to)
    {
        client.Sends($"<presence type='unavailable' to='{from}/{client.Nick}'><status>switch_room</status></presence>");
        client.Eventually($"<presence type='unavailable' from='{from}/{client.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
        client.Sends($"<iq type='set' id='conf' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{to}' machine-uid='m'/></iq>");
        client.Eventually("<iq type='result' id='conf'/>");
        client.Joins(to, extra: Named("Name of " + client.Nick));
    }

    public static void IsIn(Client client, string room) =>
        client.Eventually($"<presence from='{room}/{client.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");

    /// <summary>The last list of rooms that a client was told; the others before it are given up.</summary>
    public UserJson Told(Client client)
    {
        World.Passes(TimeSpan.FromSeconds(1));
        return Updates(client) is [.., var last] ? last : throw new Xunit.Sdk.XunitException("No list of rooms came.");
    }

    public static IReadOnlyList<UserJson> Updates(Client client)
    {
        var all = client.Inbox.Where(stanza => stanza.Name == "message" && stanza["from"] == Component && stanza["type"] is null)
            .Select(stanza => JsonText.TryObject(stanza.Child("json-message", Namespaces.JitMeet)!.Text)!)
            .Where(json => json.String("event") == "features/breakout-rooms/update").ToList();
        client.Forgets();
        return all;
    }

    /// <summary>Who is in a room, by the last list: names with their nicks.</summary>
    public static IReadOnlyList<string> People(UserJson update, string room) => [.. update["rooms"]![room[..room.IndexOf('@')]]!["participants"]!.Members.Select(member => member.Key)];
}
