using System.Text.Json;
using System.Text.Json.Serialization;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// The room as a document: <c>room</c> (configuration), <c>affiliations</c>, <c>history</c>, one <c>occupant:NICK</c> each,
/// one <c>module:NAME</c> each. Another owner continues from it without anybody seeing a leave. Joins that wait for focus are not stored: their clients ask again.
/// </summary>
public sealed partial class Room
{
    private const string OccupantPrefix = "occupant:";
    private const string ModulePrefix = "module:";

    /// <summary>The key holds the partition, so that a new owner finds its rooms by their beginning.</summary>
    public string StoreKey => KeyPrefix(Context.Partition) + Jid;

    public static string KeyPrefix(int partition) => FormattableString.Invariant($"room:{partition}:");

    /// <summary>Whether a field of the document is written here; the others are the journal's.</summary>
    public static bool IsRoomField(string field) =>
        field is "room" or "affiliations" or "history" || field.StartsWith(OccupantPrefix, StringComparison.Ordinal) || field.StartsWith(ModulePrefix, StringComparison.Ordinal);

    /// <summary>A module's state changed.</summary>
    public void MarkModule(RoomModule module, RoomOutputs outputs) => outputs.Change(StoreKey).Fields[ModulePrefix + module.Name] = module.Save();

    /// <summary>Writes a room down before anybody is in it.</summary>
    public void Begin(RoomOutputs outputs) => MarkConfiguration(outputs);

    private void MarkConfiguration(RoomOutputs outputs) => Put("room", Configuration, outputs);

    private void MarkAffiliations(RoomOutputs outputs) => Put("affiliations", _affiliations, outputs);

    private void MarkHistory(RoomOutputs outputs) => Put("history", _history, outputs);

    private void MarkOccupant(Occupant occupant, RoomOutputs outputs) => Put(OccupantPrefix + occupant.Nick, OccupantRecord.Of(occupant), outputs);

    private void MarkOccupantGone(Occupant occupant, RoomOutputs outputs) => outputs.Change(StoreKey).Fields[OccupantPrefix + occupant.Nick] = null;

    private void Put<T>(string field, T value, RoomOutputs outputs) => outputs.Change(StoreKey).Fields[field] = JsonSerializer.SerializeToUtf8Bytes(value, JsonText.Options);

    /// <summary>The room of a stored document; null when it does not hold one.</summary>
    public static Room? Restore(RoomContext context, string key, StoredDocument document)
    {
        if (!Xmpp.Jid.TryParse(key[KeyPrefix(context.Partition).Length..], out var jid) || !document.Fields.TryGetValue("room", out var bytes)) return null;
        if (JsonSerializer.Deserialize<RoomConfiguration>(bytes) is not { } configuration) return null;
        var room = new Room(context, jid, configuration.MeetingId) { Configuration = configuration };
        if (document.Fields.TryGetValue("affiliations", out var affiliations))
        {
            foreach (var (bare, affiliation) in JsonSerializer.Deserialize<Dictionary<string, string>>(affiliations) ?? []) room._affiliations[bare] = affiliation;
        }

        if (document.Fields.TryGetValue("history", out var history)) room._history.AddRange(JsonSerializer.Deserialize<List<HistoryEntry>>(history) ?? []);
        foreach (var entry in room._history) room._authors.Note(entry.Id, entry.AuthorBareJid);
        var records = document.Fields.Where(field => field.Key.StartsWith(OccupantPrefix, StringComparison.Ordinal))
            .Select(field => (Nick: field.Key[OccupantPrefix.Length..], Record: JsonSerializer.Deserialize<OccupantRecord>(field.Value)))
            .OrderBy(field => field.Record?.Order).ThenBy(field => field.Nick, StringComparer.Ordinal);
        foreach (var (nick, record) in records)
        {
            if (record?.ToOccupant(nick) is not { } occupant) continue;
            room._occupants.Add(occupant);
            room._byNick[nick] = occupant;
            room._byRealJid[occupant.Session.FullJid] = occupant;
        }

        foreach (var module in room._modules)
        {
            if (document.Fields.TryGetValue(ModulePrefix + module.Name, out var state)) module.Load(state);
        }

        return room;
    }

    /// <summary>An occupant as stored.</summary>
    private sealed record OccupantRecord(string FullJid, string Queue, bool IsService, string Role, string Presence, int Order)
    {
        /// <summary>With what its session was let in.</summary>
        public SessionContext? Session { get; init; }

        public string? GrantedFeatures { get; init; }

        public long Joined { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Trace { get; init; }

        public static OccupantRecord Of(Occupant occupant) =>
            new(occupant.Session.FullJid, occupant.Session.Queue, occupant.Session.IsService, occupant.Role, XmppSerializer.Write(occupant.Presence), occupant.Order)
            {
                Session = occupant.Session.Context,
                GrantedFeatures = occupant.GrantedFeatures,
                Joined = occupant.JoinedMilliseconds,
                Trace = occupant.Session.Trace,
            };

        public Occupant? ToOccupant(string nick)
        {
            if (!Xmpp.Jid.TryParse(FullJid, out var jid) || !XmppParser.TryParse(Presence, out var presence, out _)) return null;
            var session = new SessionInfo
            {
                Jid = jid,
                FullJid = FullJid,
                Queue = Queue,
                IsService = IsService,
                Context = Session ?? SessionContext.Empty,
                Trace = Trace,
            };
            return new Occupant(nick, session) { Role = Role, Presence = presence, SaidOctets = XmppSerializer.Measure(presence), GrantedFeatures = GrantedFeatures, Order = Order, JoinedMilliseconds = Joined };
        }
    }
}
