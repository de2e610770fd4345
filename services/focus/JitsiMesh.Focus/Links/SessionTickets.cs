using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Links;

/// <summary>
/// The logins in meetings, in the store: each node knows those of all, and a logout holds everywhere. One document for each account, one field for each login, named by a hash of its
/// secret, so that who reads the store cannot use what stands there. Written without epochs: fields are only put and removed.
/// </summary>
public sealed class SessionTickets(IMeshStore store, IRandomSource random, FocusClock clock, FocusOptions options)
{
    private const string KeyPrefix = "focus-login:";
    private const int AccountCharacters = 16;
    private const int SecretCharacters = 32;

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
        if (options.ExternalAuthentication || origin?.Session.Identity is not { Length: > 0 } identity || string.IsNullOrEmpty(machine)) return null;
        if (!Jid.TryParse(origin.RealJid, out var jid) || jid.Domain != options.XmppDomain) return null;
        return await IssueAsync(identity, machine, origin.Session.Moderator, cancellation);
    }

    public async ValueTask<SessionTicket> IssueAsync(string identity, string machine, bool? moderator, CancellationToken cancellation)
    {
        Span<byte> bytes = stackalloc byte[SecretCharacters / 2];
        random.Fill(bytes);
        var secret = Convert.ToHexStringLower(bytes);
        var account = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..AccountCharacters];
        var until = clock.Now + options.LoginLifetime;
        var ticket = SessionTicket.Of($"{account}.{secret}", identity, machine, until, moderator);
        var key = KeyPrefix + account;
        var before = (await store.ReadAsync(key, cancellation))?.Fields ?? new Dictionary<string, byte[]>();
        var change = new DocumentChange
        {
            Put = new Dictionary<string, byte[]> { [FieldOf(secret)] = JsonSerializer.SerializeToUtf8Bytes(new Stored(ticket.Identity, ticket.Machine, ticket.Until, moderator), TicketJson.Default.Stored) },
            Remove = Superfluous(before),
        };
        await store.WriteAsync(key, 0, change, cancellation);
        return ticket;
    }

    /// <summary>Null for an id that is none of ours, is over, or was logged out.</summary>
    public async ValueTask<SessionTicket?> FindAsync(string id, CancellationToken cancellation)
    {
        if (!TrySplit(id, out var key, out var field)) return null;
        if (await store.ReadAsync(key, cancellation) is not { } document || !document.Fields.TryGetValue(field, out var bytes) || Read(bytes) is not { } stored) return null;
        var ticket = new SessionTicket(id, stored.Identity, stored.Machine, stored.Until, stored.Moderator);
        return ticket.HoldsAt(clock.Now) ? ticket : null;
    }

    /// <summary>Ends a login. Null when it was over before.</summary>
    public async ValueTask<SessionTicket?> EndAsync(string id, CancellationToken cancellation)
    {
        if (await FindAsync(id, cancellation) is not { } ticket || !TrySplit(id, out var key, out var field)) return null;
        await store.WriteAsync(key, 0, new DocumentChange { Remove = [field] }, cancellation);
        return ticket;
    }

    // What is over, what cannot be read, and what comes first to its end beyond the bound.
    private List<string> Superfluous(IReadOnlyDictionary<string, byte[]> fields)
    {
        var now = clock.Now.TotalMilliseconds;
        var live = fields.Select(field => (Name: field.Key, Until: Read(field.Value)?.Until ?? 0)).OrderByDescending(field => field.Until).ToList();
        return [.. live.Where((field, index) => field.Until <= now || index >= FocusLimits.LoginsOfAccount - 1).Select(field => field.Name)];
    }

    private static Stored? Read(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, TicketJson.Default.Stored);
        }
        catch (JsonException)
        {
            // Somebody else wrote it.
            return null;
        }
    }

    private static bool TrySplit(string id, out string key, out string field)
    {
        (key, field) = ("", "");
        if (id.Length != AccountCharacters + 1 + SecretCharacters || id[AccountCharacters] != '.') return false;
        var account = id[..AccountCharacters];
        if (!account.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return false;
        (key, field) = (KeyPrefix + account, FieldOf(id[(AccountCharacters + 1)..]));
        return true;
    }

    private static string FieldOf(string secret) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    internal sealed record Stored(string Identity, string Machine, long Until, bool? Moderator);
}

[JsonSerializable(typeof(SessionTickets.Stored))]
internal sealed partial class TicketJson : JsonSerializerContext;
