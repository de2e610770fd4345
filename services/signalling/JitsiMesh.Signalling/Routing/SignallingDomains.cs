using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Routing;

/// <summary>What stands behind a domain of ours.</summary>
public enum DomainKind
{
    Foreign,

    /// <summary>A host that sessions log in on.</summary>
    Host,

    /// <summary>Conference rooms.</summary>
    Muc,

    /// <summary>Breweries.</summary>
    InternalMuc,

    /// <summary>Rooms where people wait for admission.</summary>
    Lobby,

    /// <summary>Rooms beside a conference, which that one opens; without a local part the address of its commands.</summary>
    BreakoutMuc,

    /// <summary>The address of conference requests.</summary>
    Focus,

    /// <summary>A feature's component; clients learn its address by disco.</summary>
    Component,
}

/// <summary>The domains of this deployment, and the two forms of a tenant's room address.</summary>
public sealed class SignallingDomains
{
    private readonly Dictionary<string, DomainKind> _kinds = new(StringComparer.Ordinal);
    private readonly string _mucPrefix;
    private readonly string _mucBase;

    public SignallingDomains(SignallingOptions options, IEnumerable<string> components)
    {
        Domain = Prepare(options.Domain);
        AuthDomain = Prepare(options.AuthDomain);
        GuestDomain = Prepare(options.GuestDomain);
        HiddenDomain = Prepare(options.HiddenDomain);
        MucDomain = Prepare(options.MucDomain);
        InternalMucDomain = Prepare(options.InternalMucDomain);
        LobbyDomain = $"lobby.{Domain}";
        BreakoutDomain = $"breakout.{Domain}";
        FocusComponent = $"focus.{Domain}";
        FocusBareJid = $"{options.FocusUser}@{AuthDomain}";
        FocusFullJid = $"{FocusBareJid}/focus";
        foreach (var component in components) _kinds[component] = DomainKind.Component;
        _kinds[FocusComponent] = DomainKind.Focus;
        _kinds[InternalMucDomain] = DomainKind.InternalMuc;
        _kinds[LobbyDomain] = DomainKind.Lobby;
        if (options.BreakoutRooms) _kinds[BreakoutDomain] = DomainKind.BreakoutMuc;
        _kinds[MucDomain] = DomainKind.Muc;
        foreach (var host in (string[])[Domain, AuthDomain, GuestDomain, HiddenDomain]) _kinds[host] = DomainKind.Host;

        // muc.meet.jitsi with tenant a is muc.a.meet.jitsi: the tenant stands before the main domain.
        var suffix = $".{Domain}";
        _mucPrefix = MucDomain.EndsWith(suffix, StringComparison.Ordinal) ? MucDomain[..^suffix.Length] : "";
        _mucBase = suffix;
    }

    public string Domain { get; }

    public string AuthDomain { get; }

    public string GuestDomain { get; }

    public string HiddenDomain { get; }

    public string MucDomain { get; }

    public string InternalMucDomain { get; }

    public string LobbyDomain { get; }

    /// <summary>Of breakout rooms, whether there are any or not.</summary>
    public string BreakoutDomain { get; }

    public string FocusComponent { get; }

    public string FocusBareJid { get; }

    /// <summary>Focus' real JID, which occupants see in the item of its presence.</summary>
    public string FocusFullJid { get; }

    public DomainKind KindOf(string domain)
    {
        if (_kinds.TryGetValue(domain, out var kind)) return kind;
        return TenantOf(domain) is null ? DomainKind.Foreign : DomainKind.Muc;
    }

    /// <summary>Whether rooms of a domain are conferences: with focus, media and the features of a meeting.</summary>
    public bool IsConference(string domain) => KindOf(domain) is DomainKind.Muc or DomainKind.BreakoutMuc;

    /// <summary>
    /// What stands behind an address: focus' own JID, which clients learn from its presence and from answers, is asked like the component (gst-meet does so).
    /// </summary>
    public DomainKind KindOf(Jid address) =>
        address.Domain == AuthDomain && address.Local is not null && address.Bare.ToString() == FocusBareJid ? DomainKind.Focus : KindOf(address.Domain);

    public static string Component(SignallingOptions options, string name) => $"{name}.{Prepare(options.Domain)}";

    /// <summary>The stored form of a room's address: <c>room@muc.tenant.meet.jitsi</c> is <c>[tenant]room@muc.meet.jitsi</c>.</summary>
    public Jid ToStored(Jid address)
    {
        if (address.Domain == MucDomain || TenantOf(address.Domain) is not { } tenant) return address;
        if (address.Local is null) return Jid.Create(null, MucDomain, address.Resource);
        return Jid.TryCreate($"[{tenant}]{address.Local}", MucDomain, address.Resource, out var stored) ? stored : address;
    }

    /// <summary>The form in which clients know a room: the inverse of <see cref="ToStored"/>.</summary>
    public Jid ToClient(Jid stored)
    {
        if (stored.Domain != MucDomain || stored.Local is not { Length: > 0 } local || local[0] != '[' || _mucPrefix.Length == 0) return stored;
        var close = local.IndexOf(']', StringComparison.Ordinal);
        if (close < 2 || close == local.Length - 1) return stored;
        return Jid.TryCreate(local[(close + 1)..], $"{_mucPrefix}.{local[1..close]}{_mucBase}", stored.Resource, out var client) ? client : stored;
    }

    /// <summary>
    /// The stored address of the room that a session's URL names, or null. The URL may have the name as people write it, encoded once or twice; clients make the address of the encoded one.
    /// </summary>
    public Jid? RoomOf(string? room, string? tenant)
    {
        if (string.IsNullOrEmpty(room)) return null;
        var local = string.IsNullOrEmpty(tenant) ? RoomName.InAddress(room) : $"[{RoomName.InAddress(tenant)}]{RoomName.InAddress(room)}";
        return Jid.TryCreate(local, MucDomain, null, out var jid) ? jid : null;
    }

    /// <summary>Whether two stored addresses name one room, however each is encoded.</summary>
    public static bool IsSameRoom(Jid a, Jid b) =>
        a.Domain == b.Domain && a.Local is not null && b.Local is not null && (a.Local == b.Local || RoomName.Plain(a.Local) == RoomName.Plain(b.Local));

    private string? TenantOf(string domain)
    {
        if (_mucPrefix.Length == 0 || domain == MucDomain) return null;
        if (domain.Length <= _mucPrefix.Length + 1 + _mucBase.Length) return null;
        if (!domain.StartsWith(_mucPrefix, StringComparison.Ordinal) || domain[_mucPrefix.Length] != '.' || !domain.EndsWith(_mucBase, StringComparison.Ordinal)) return null;
        return domain[(_mucPrefix.Length + 1)..^_mucBase.Length];
    }

    private static string Prepare(string domain) => Jid.Create(null, domain).Domain;
}
