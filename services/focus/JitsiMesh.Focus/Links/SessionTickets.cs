using System.Collections.Concurrent;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Links;

/// <summary>
/// The logins in meetings, in the store (<see cref="StoredLogin"/>): each node knows those of all, and a logout holds everywhere. Written without epochs: fields are only put and removed.
/// </summary>
public sealed class SessionTickets(IMeshStore store, IRandomSource random, FocusClock clock, FocusOptions options)
{
    /// <summary>For so long a removed account gets no session id: a request of its last session may be on its way still.</summary>
    private static readonly TimeSpan EndedFor = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, MonotonicTime> _ended = new(StringComparer.Ordinal);

    /// <summary>
    /// What a conference request or a logout shows, or is given: the ticket of its session id; a new one for a person with a login that brings none; else null. A logout's ticket is
    /// over when this returns.
    /// </summary>
    public async ValueTask<SessionTicket?> OfAsync(XmppElement iq, StanzaOrigin? origin, CancellationToken cancellation)
    {
        if (!options.AuthenticationRequired || !Stanzas.IsRequest(iq)) return null;
        if (iq.Child("logout", Namespaces.Focus) is { } logout) return await EndAsync(logout["session-id"] ?? "", cancellation);
        if (iq.Child("conference", Namespaces.Focus) is not { } conference) return null;
        if (conference["session-id"] is { Length: > 0 } id) return await FindAsync(id, cancellation);
        var machine = conference["machine-uid"];
        // People with tokens bring their token each time.
        if (options.ExternalAuthentication || origin?.Session is not { Claims: null, Identity: { Length: > 0 } identity } || string.IsNullOrEmpty(machine)) return null;
        if (!Jid.TryParse(origin.RealJid, out var jid) || jid.Domain != options.XmppDomain || IsEnded(identity)) return null;
        return await IssueAsync(identity, machine, origin.Session.Moderator, cancellation);
    }

    public async ValueTask<SessionTicket> IssueAsync(string identity, string machine, bool? moderator, CancellationToken cancellation)
    {
        var secret = new byte[StoredLogin.SecretOctets];
        random.Fill(secret);
        var until = clock.Now + options.LoginLifetime;
        var ticket = SessionTicket.Of(StoredLogin.NewId(identity, secret), identity, machine, until, moderator);
        StoredLogin.TryLocate(ticket.Id, out var key, out var field);
        var before = (await store.ReadAsync(key, cancellation))?.Fields ?? new Dictionary<string, byte[]>();
        var change = new DocumentChange
        {
            Put = new Dictionary<string, byte[]> { [field] = new StoredLogin(ticket.Identity, ticket.Machine, ticket.Until, moderator).Write() },
            Remove = Superfluous(before),
        };
        await store.WriteAsync(key, 0, change, cancellation);
        return ticket;
    }

    /// <summary>Null for an id that is none of ours, is over, or was logged out.</summary>
    public async ValueTask<SessionTicket?> FindAsync(string id, CancellationToken cancellation)
    {
        if (!StoredLogin.TryLocate(id, out var key, out var field)) return null;
        if (await store.ReadAsync(key, cancellation) is not { } document || !document.Fields.TryGetValue(field, out var bytes) || StoredLogin.Read(bytes) is not { } stored) return null;
        var ticket = new SessionTicket(id, stored.Identity, stored.Machine, stored.Until, stored.Moderator);
        return ticket.HoldsAt(clock.Now) ? ticket : null;
    }

    /// <summary>Ends a login. Null when it was over before.</summary>
    public async ValueTask<SessionTicket?> EndAsync(string id, CancellationToken cancellation)
    {
        if (await FindAsync(id, cancellation) is not { } ticket || !StoredLogin.TryLocate(id, out var key, out var field)) return null;
        await store.WriteAsync(key, 0, new DocumentChange { Remove = [field] }, cancellation);
        return ticket;
    }

    /// <summary>Ends all logins of an account that is gone.</summary>
    /// <param name="identity">The bare JID, prepared.</param>
    /// <param name="cancellation">Ends the wait for the store.</param>
    public async ValueTask EndAllAsync(string identity, CancellationToken cancellation)
    {
        foreach (var (old, at) in _ended)
        {
            if (clock.Now - at >= EndedFor) _ended.TryRemove(old, out _);
        }

        _ended[identity] = clock.Now;
        await store.DeleteAsync(StoredLogin.KeyOf(identity), 0, cancellation);
    }

    private bool IsEnded(string identity) => _ended.TryGetValue(identity, out var at) && clock.Now - at < EndedFor;

    // What is over, what cannot be read, and what comes first to its end beyond the bound.
    private List<string> Superfluous(IReadOnlyDictionary<string, byte[]> fields)
    {
        var now = clock.Now.TotalMilliseconds;
        var live = fields.Select(field => (Name: field.Key, Until: StoredLogin.Read(field.Value)?.Until ?? 0)).OrderByDescending(field => field.Until).ToList();
        return [.. live.Where((field, index) => field.Until <= now || index >= FocusLimits.LoginsOfAccount - 1).Select(field => field.Name)];
    }
}
