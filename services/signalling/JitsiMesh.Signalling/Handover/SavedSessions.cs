using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Handover;

/// <summary>
/// Sessions on their way from one node to another: one document each, from when their node has stopped serving them until another node has them. The key holds a hash of the resume id, and the id itself stands nowhere.
/// </summary>
public sealed class SavedSessions(IMeshStore store)
{
    private const string Prefix = "session:";
    private const string Field = "session";

    /// <summary>The hash under which a session stands: SHA-256 of its resume id.</summary>
    public static string HashOf(string resumeId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(resumeId)));

    /// <summary>The tag in the resume ids of sessions that are reached at a node's queue: these two belong together for a session's whole life.</summary>
    public static string TagOf(string queue) => NodeTag.Of(NodeOf(queue));

    /// <summary>The id of the node that has made a queue.</summary>
    public static string NodeOf(string queue) => queue[QueueOf("").Length..];

    public static string QueueOf(string nodeId) => LinkQueue.Node("signalling", nodeId).Name;

    /// <summary>An epoch for the sessions of a queue: whoever takes one later keeps all that have an older one from writing.</summary>
    public ValueTask<long> NextEpochAsync(string queue, CancellationToken cancellation) => store.NextAsync("epoch/sessions/" + TagOf(queue), cancellation);

    /// <summary>Removes what an earlier owner of the queue has left: since then its sessions have missed what was in the queue.</summary>
    public async Task ClearAsync(string queue, long epoch, CancellationToken cancellation)
    {
        foreach (var hash in await HashesAsync(queue, cancellation)) await RemoveAsync(queue, hash, epoch, cancellation);
    }

    /// <summary>False where a newer owner of the queue has written, or the session is too big to be carried.</summary>
    public async ValueTask<bool> WriteAsync(SavedSession session, string hash, long epoch, CancellationToken cancellation)
    {
        var octets = JsonSerializer.SerializeToUtf8Bytes(session);
        if (octets.Length > SignallingLimits.SavedSessionOctets) return false;
        return await store.WriteAsync(Key(session.Queue, hash), epoch, new DocumentChange { Put = new Dictionary<string, byte[]> { [Field] = octets } }, cancellation);
    }

    /// <summary>Whether a session with this id is on its way.</summary>
    public async ValueTask<bool> HasAsync(string tag, string hash, CancellationToken cancellation) => await store.ReadAsync(Prefix + tag + ":" + hash, cancellation) is { Fields.Count: > 0 };

    public async ValueTask<IReadOnlyList<string>> HashesAsync(string queue, CancellationToken cancellation)
    {
        var prefix = Key(queue, "");
        return [.. (await store.KeysAsync(prefix, cancellation)).Select(key => key[prefix.Length..])];
    }

    /// <summary>Takes a session out of the store for this node alone. Null where another node has it, or what is there is no session of this queue.</summary>
    public async ValueTask<SavedSession?> TakeAsync(string queue, string hash, long epoch, CancellationToken cancellation)
    {
        var key = Key(queue, hash);
        // First, so that nobody with an older epoch takes it meanwhile.
        if (!await store.WriteAsync(key, epoch, new DocumentChange(), cancellation)) return null;
        var document = await store.ReadAsync(key, cancellation);
        if (!await store.DeleteAsync(key, epoch, cancellation) || document is null || !document.Fields.TryGetValue(Field, out var octets)) return null;
        return Read(octets) is { } session && session.Queue == queue ? session : null;
    }

    /// <summary>Removes sessions that nobody has taken and whose time has long been over.</summary>
    public async Task SweepAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var key in await store.KeysAsync(Prefix, cancellation))
        {
            if (await store.ReadAsync(key, cancellation) is not { } document) continue;
            var session = document.Fields.TryGetValue(Field, out var octets) ? Read(octets) : null;
            if (session is not null && DateTimeOffset.FromUnixTimeMilliseconds(session.WaitsUntilMilliseconds) + SignallingLimits.SavedSessionSweep > now) continue;
            await store.DeleteAsync(key, document.Epoch, cancellation);
        }
    }

    public async ValueTask RemoveAsync(string queue, string hash, long epoch, CancellationToken cancellation) => await store.DeleteAsync(Key(queue, hash), epoch, cancellation);

    // Another version may have written it.
    private static SavedSession? Read(byte[] octets)
    {
        try
        {
            return JsonSerializer.Deserialize<SavedSession>(octets) is { FullJid: not null, Queue: not null, Context: not null, Unacknowledged: not null, Rooms: not null, Former: not null } session ? session : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Key(string queue, string hash) => Prefix + TagOf(queue) + ":" + hash;
}
