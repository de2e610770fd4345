using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Handover;

/// <summary>
/// Sessions in the store: one document each, with the session as it is, so that another node can continue it. A session that is handed over is written once; one that is to survive its node's death has a record
/// that is kept up to date (<see cref="SessionJournal"/>). The key holds a hash of the resume id, and the id itself stands nowhere.
/// </summary>
public sealed class SavedSessions(IMeshStore store)
{
    private const string Prefix = "session:";
    private const string CardField = "card";
    private const string StateField = "state";
    private const string ChunkPrefix = "sent:";

    /// <summary>The hash under which a session stands: SHA-256 of its resume id.</summary>
    public static string HashOf(string resumeId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(resumeId)));

    /// <summary>The tag in the resume ids of sessions that are reached at a node's queue: these two belong together for a session's whole life.</summary>
    public static string TagOf(string queue) => NodeTag.Of(NodeOf(queue));

    /// <summary>The id of the node that has made a queue.</summary>
    public static string NodeOf(string queue) => queue[QueueOf("").Length..];

    public static string QueueOf(string nodeId) => LinkQueue.Node("signalling", nodeId).Name;

    /// <summary>An epoch for the sessions of a queue: a node that takes one later keeps nodes with an older one from writing.</summary>
    public ValueTask<long> NextEpochAsync(string queue, CancellationToken cancellation) => store.NextAsync("epoch/sessions/" + TagOf(queue), cancellation);

    /// <summary>Removes what an earlier owner of the queue has left: since then its sessions have missed what was in the queue.</summary>
    public async Task ClearAsync(string queue, long epoch, CancellationToken cancellation)
    {
        foreach (var hash in await HashesAsync(queue, cancellation)) await RemoveAsync(queue, hash, epoch, cancellation);
    }

    /// <summary>Writes a session whole. False where a newer owner of the queue has written, or the session is too big to be carried.</summary>
    public async ValueTask<bool> WriteAsync(SavedSession session, string hash, long epoch, CancellationToken cancellation)
    {
        var stanzas = JsonSerializer.SerializeToUtf8Bytes(session.Unacknowledged);
        var put = new Dictionary<string, byte[]>(StringComparer.Ordinal) { [CardField] = CardOf(session), [StateField] = StateOf(session) };
        if (stanzas.Length + put.Values.Sum(static value => value.Length) > SignallingLimits.SavedSessionOctets) return false;
        if (session.Unacknowledged.Count > 0) put[ChunkField(session.Acknowledged + 1)] = stanzas;
        var key = Key(session.Queue, hash);
        var old = await store.ReadAsync(key, cancellation);
        return await store.WriteAsync(key, epoch, new DocumentChange { Put = put, Remove = [.. (old?.Fields.Keys ?? []).Where(field => !put.ContainsKey(field))] }, cancellation);
    }

    /// <summary>Brings the record of a session up to date. False where a newer owner of the queue has written.</summary>
    /// <param name="update">What is new.</param>
    /// <param name="hash">Of its resume id.</param>
    /// <param name="epoch">Of the queue.</param>
    /// <param name="done">Stanzas of the record whose client has acknowledged them all: the number of the first in each chunk.</param>
    /// <param name="cancellation">Gives it up; nobody knows then whether it was written.</param>
    /// <returns>Octets of the stanzas that were added; null where a newer owner has written.</returns>
    public async ValueTask<int?> UpdateAsync(SessionUpdate update, string hash, long epoch, IEnumerable<uint> done, CancellationToken cancellation)
    {
        var put = new Dictionary<string, byte[]>(StringComparer.Ordinal) { [StateField] = StateOf(update.Session) };
        if (update.HasCard) put[CardField] = CardOf(update.Session);
        var stanzas = update.Fresh.Count > 0 ? JsonSerializer.SerializeToUtf8Bytes(update.Fresh) : [];
        if (stanzas.Length > 0) put[ChunkField(update.First)] = stanzas;
        var change = new DocumentChange { Put = put, Remove = [.. done.Select(ChunkField).Where(field => !put.ContainsKey(field))] };
        return await store.WriteAsync(Key(update.Session.Queue, hash), epoch, change, cancellation) ? stanzas.Length : null;
    }

    /// <summary>Whether a session with this id is on its way.</summary>
    public async ValueTask<bool> HasAsync(string tag, string hash, CancellationToken cancellation) => await store.ReadAsync(Prefix + tag + ":" + hash, cancellation) is { Fields.Count: > 0 };

    public async ValueTask<IReadOnlyList<string>> HashesAsync(string queue, CancellationToken cancellation)
    {
        var prefix = Key(queue, "");
        return [.. (await store.KeysAsync(prefix, cancellation)).Select(key => key[prefix.Length..])];
    }

    /// <summary>Has a session for this node alone. Null where another node has it, or what is there is no session of this queue.</summary>
    /// <param name="queue">The queue at which it is reached.</param>
    /// <param name="hash">Of its resume id.</param>
    /// <param name="epoch">Of the queue.</param>
    /// <param name="keep">Leaves the record where it is; this node continues it.</param>
    /// <param name="cancellation">Gives it up.</param>
    public async ValueTask<SavedSession?> TakeAsync(string queue, string hash, long epoch, bool keep, CancellationToken cancellation)
    {
        var key = Key(queue, hash);
        // First, so that nobody with an older epoch takes it meanwhile, or writes what is no longer so.
        if (!await store.WriteAsync(key, epoch, new DocumentChange(), cancellation)) return null;
        var document = await store.ReadAsync(key, cancellation);
        var session = document is null ? null : Read(document);
        if (session is not null && session.Queue != queue) session = null;
        if (keep && session is not null) return session;
        return await store.DeleteAsync(key, epoch, cancellation) ? session : null;
    }

    /// <summary>Removes sessions that nobody has taken and whose time has long been over, and records of nodes that have been gone for long.</summary>
    /// <param name="now">The time.</param>
    /// <param name="kept">The tags of queues whose sessions some node has.</param>
    /// <param name="orphans">Records that belonged to no such queue at the last call; replaced by those of this one.</param>
    /// <param name="cancellation">Gives it up.</param>
    public async Task SweepAsync(DateTimeOffset now, IReadOnlySet<string> kept, HashSet<string> orphans, CancellationToken cancellation)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in await store.KeysAsync(Prefix, cancellation))
        {
            if (kept.Contains(TagIn(key)) || await store.ReadAsync(key, cancellation) is not { } document) continue;
            var session = Read(document);
            var isOver = session is null || (session.WaitsUntilMilliseconds > 0 && DateTimeOffset.FromUnixTimeMilliseconds(session.WaitsUntilMilliseconds) + SignallingLimits.SavedSessionSweep <= now);
            // A node that has lost the store for a moment is not gone: its records are looked at twice.
            if (isOver || orphans.Contains(key)) await store.DeleteAsync(key, document.Epoch, cancellation);
            else if (session!.WaitsUntilMilliseconds == 0) found.Add(key);
        }

        orphans.Clear();
        orphans.UnionWith(found);
    }

    public async ValueTask RemoveAsync(string queue, string hash, long epoch, CancellationToken cancellation) => await store.DeleteAsync(Key(queue, hash), epoch, cancellation);

    private static byte[] CardOf(SavedSession session) => JsonSerializer.SerializeToUtf8Bytes(new Card(session.FullJid, session.Queue, session.Context, session.AskedMilliseconds));

    private static byte[] StateOf(SavedSession session) => JsonSerializer.SerializeToUtf8Bytes(
        new State(session.Handled, session.Acknowledged, session.Rooms, session.Former, session.Positions, session.WaitsUntilMilliseconds));

    // Another version may have written it, or a record whose node died before it was whole.
    private static SavedSession? Read(StoredDocument document)
    {
        try
        {
            if (!document.Fields.TryGetValue(CardField, out var octets) || JsonSerializer.Deserialize<Card>(octets) is not { FullJid: not null, Queue: not null, Context: not null } card) return null;
            if (!document.Fields.TryGetValue(StateField, out octets) || JsonSerializer.Deserialize<State>(octets) is not { Rooms: not null, Former: not null, Positions: not null } state) return null;
            var chunks = new List<SavedChunk>();
            return ReadStanzas(document, state.Acknowledged, chunks) is not { } stanzas ? null : new SavedSession
            {
                FullJid = card.FullJid,
                Queue = card.Queue,
                Context = card.Context,
                AskedMilliseconds = card.AskedMilliseconds,
                Handled = state.Handled,
                Acknowledged = state.Acknowledged,
                Rooms = state.Rooms,
                Former = [.. state.Former.Where(static former => former is not null)],
                Positions = [.. state.Positions.Where(static position => position is { Sender: not null, Room: not null })],
                WaitsUntilMilliseconds = state.WaitsUntilMilliseconds,
                Unacknowledged = stanzas,
                Chunks = chunks,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The stanzas beyond those that the client has acknowledged, one after another; null where one is missing.</summary>
    private static List<SavedStanza>? ReadStanzas(StoredDocument document, uint acknowledged, List<SavedChunk> chunks)
    {
        var byNumber = new SortedDictionary<int, SavedStanza>();
        foreach (var (field, octets) in document.Fields)
        {
            if (!field.StartsWith(ChunkPrefix, StringComparison.Ordinal)) continue;
            if (!uint.TryParse(field.AsSpan(ChunkPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
            var read = JsonSerializer.Deserialize<List<SavedStanza>>(octets) ?? [];
            chunks.Add(new SavedChunk(number, read.Count, octets.Length));
            foreach (var stanza in read)
            {
                if (stanza is not { Stanza: not null }) return null;
                // Counters wrap; what is acknowledged may still stand there.
                if ((int)(number - acknowledged) is > 0 and var beyond) byNumber[beyond] = stanza;
                number++;
            }
        }

        return byNumber.Count == 0 || byNumber.Keys.Last() == byNumber.Count ? [.. byNumber.Values] : null;
    }

    private static string ChunkField(uint first) => ChunkPrefix + first.ToString(CultureInfo.InvariantCulture);

    private static string Key(string queue, string hash) => Prefix + TagOf(queue) + ":" + hash;

    private static string TagIn(string key) => key.Split(':') is [_, var tag, ..] ? tag : "";

    /// <summary>What seldom changes.</summary>
    private sealed record Card(string FullJid, string Queue, SessionContext Context, long AskedMilliseconds);

    /// <summary>What changes with nearly each stanza.</summary>
    private sealed record State(
        uint Handled, uint Acknowledged, IReadOnlyDictionary<string, string> Rooms, IReadOnlyList<FormerRoom> Former, IReadOnlyList<SavedPosition> Positions, long WaitsUntilMilliseconds);
}
