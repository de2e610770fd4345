using System.Collections.Concurrent;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Links;

/// <summary>
/// The logins in meetings, in the store (<see cref="StoredLogin"/>): every node knows all logins, and a logout applies everywhere. Written without epochs: fields are only put
/// and removed.
/// </summary>
public sealed class SessionTickets(IMeshStore store, IRandomSource random, FocusClock clock, FocusOptions options)
{
    /// <summary>How long a removed account gets no session id: a request of its last session may still be under way.</summary>
    private static readonly TimeSpan EndedFor = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, MonotonicTime> _ended = new(StringComparer.Ordinal);

    /// <summary>
    /// Finds or creates the ticket of a conference request or a logout: the ticket of its session id; a new ticket for a client with a login and no id; otherwise null. The
    /// ticket of a logout has ended when this returns.
    /// </summary>
    public async ValueTask<SessionTicket?> OfAsync(XmppElement iq, StanzaOrigin? origin, CancellationToken cancellation)
    {
        if (!options.AuthenticationRequired || !Stanzas.IsRequest(iq)) return null;
        if (iq.Child("logout", Namespaces.Focus) is { } logout) return await EndAsync(logout["session-id"] ?? "", cancellation);
        if (iq.Child("conference", Namespaces.Focus) is not { } conference) return null;
        if (conference["session-id"] is { Length: > 0 } id) return await FindAsync(id, cancellation);
        var machine = conference["machine-uid"];
        // Clients with tokens send their token each time.
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

    /// <summary>Null for an unknown, expired or logged-out id.</summary>
    public async ValueTask<SessionTicket?> FindAsync(string id, CancellationToken cancellation)
    {
        if (!StoredLogin.TryLocate(id, out var key, out var field)) return null;
        if (await store.ReadAsync(key, cancellation) is not { } document || !document.Fields.TryGetValue(field, out var bytes) || StoredLogin.Read(bytes) is not { } stored) return null;
        var ticket = new SessionTicket(id, stored.Identity, stored.Machine, stored.Until, stored.Moderator);
        return ticket.HoldsAt(clock.Now) ? ticket : null;
    }

    /// <summary>Ends a login. Null when it had already ended.</summary>
    public async ValueTask<SessionTicket?> EndAsync(string id, CancellationToken cancellation)
    {
        if (await FindAsync(id, cancellation) is not { } ticket || !StoredLogin.TryLocate(id, out var key, out var field)) return null;
        await store.WriteAsync(key, 0, new DocumentChange { Remove = [field] }, cancellation);
        return ticket;
    }

    /// <summary>Ends all logins of a removed account.</summary>
    /// <param name="identity">The bare JID, prepared.</param>
    /// <param name="cancellation">Cancels the wait for the store.</param>
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

    // Expired and unreadable logins, and beyond the bound those that expire first.
    private List<string> Superfluous(IReadOnlyDictionary<string, byte[]> fields)
    {
        var now = clock.Now.TotalMilliseconds;
        var live = fields.Select(field => (Name: field.Key, Until: StoredLogin.Read(field.Value)?.Until ?? 0)).OrderByDescending(field => field.Until).ToList();
        return [.. live.Where((field, index) => field.Until <= now || index >= FocusLimits.LoginsOfAccount - 1).Select(field => field.Name)];
    }
}
