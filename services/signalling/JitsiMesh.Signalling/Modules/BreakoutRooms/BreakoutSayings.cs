using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.BreakoutRooms;

/// <summary>The elements that a main room and its breakout rooms exchange (<see cref="RoomSaying"/>).</summary>
internal static class BreakoutSayings
{
    public const string Namespace = "urn:jitsimesh:breakout";

    // To a breakout room.
    public const string Open = "open";
    public const string Follow = "follow";
    public const string Rename = "rename";
    public const string Close = "close";
    public const string Move = "move";
    public const string Update = "update";
    public const string LetIn = "let-in";
    public const string KeepOut = "keep-out";

    // To the main room.
    public const string Opened = "opened";
    public const string Closed = "closed";
    public const string Here = "here";
    public const string Came = "came";
    public const string Left = "left";
    public const string Asks = "asks";
    public const string Command = "breakout_rooms";

    /// <summary>To focus, from the main room.</summary>
    public const string Occupancy = "breakout-rooms";

    /// <summary>The attributes of a client's command.</summary>
    public static readonly string[] CommandAttributes = ["type", "subject", "breakoutRoomJid", "participantJid", "roomJid"];

    public static XmppElement Make(string name, params (string Name, string? Value)[] attributes) => new(name, Namespace, attributes);

    public static string Flag(bool value) => value ? "true" : "false";

    public static XmppElement Person(string fullJid, BreakoutPerson person) => Make(Came, ("jid", fullJid), ("nick", person.Nick), ("role", person.Role), ("name", person.Name));

    public static void Say(this Room room, string to, XmppElement payload, RoomOutputs outputs, bool begins = false) => outputs.Services.Add(RoomSaying.Make(room.Jid, to, payload, begins));
}
