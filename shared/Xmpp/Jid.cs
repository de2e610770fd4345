namespace JitsiMesh.Xmpp;

/// <summary>
/// An XMPP address (RFC 7622): optional local part, domain, optional resource. Equality is by prepared parts. A bare JID is one without
/// a resource.
/// </summary>
public sealed record Jid
{
    private Jid(string? local, string domain, string? resource)
    {
        Local = local;
        Domain = domain;
        Resource = resource;
    }

    public string? Local { get; }

    public string Domain { get; }

    public string? Resource { get; }

    public bool IsBare => Resource is null;

    public Jid Bare => Resource is null ? this : new Jid(Local, Domain, null);

    /// <exception cref="FormatException">The resource cannot be prepared.</exception>
    public Jid WithResource(string resource) =>
        JidPreparation.TryResource(resource, out var prepared) ? new Jid(Local, Domain, prepared) : throw new FormatException("Not a JID resource.");

    /// <exception cref="FormatException">A part cannot be prepared.</exception>
    public static Jid Create(string? local, string domain, string? resource = null) =>
        TryCreate(local, domain, resource, out var jid) ? jid : throw new FormatException("Not a JID.");

    public static bool TryCreate(string? local, string domain, string? resource, out Jid jid)
    {
        jid = null!;
        string? preparedLocal = null, preparedResource = null;
        if (local is not null && !JidPreparation.TryLocal(local, out preparedLocal)) return false;
        if (!JidPreparation.TryDomain(domain, out var preparedDomain)) return false;
        if (resource is not null && !JidPreparation.TryResource(resource, out preparedResource)) return false;
        jid = new Jid(preparedLocal, preparedDomain, preparedResource);
        return true;
    }

    /// <summary>RFC 7622 section 3.1: the first '/' begins the resource; before it, the first '@' ends the local part.</summary>
    public static bool TryParse(string? text, out Jid jid)
    {
        jid = null!;
        if (string.IsNullOrEmpty(text)) return false;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var bare = slash < 0 ? text : text[..slash];
        var at = bare.IndexOf('@', StringComparison.Ordinal);
        return TryCreate(at < 0 ? null : bare[..at], bare[(at + 1)..], slash < 0 ? null : text[(slash + 1)..], out jid);
    }

    /// <exception cref="FormatException">The text is not a JID.</exception>
    public static Jid Parse(string text) => TryParse(text, out var jid) ? jid : throw new FormatException($"Not a JID: '{text}'.");

    public override string ToString() => (Local, Resource) switch
    {
        (null, null) => Domain,
        (null, _) => $"{Domain}/{Resource}",
        (_, null) => $"{Local}@{Domain}",
        _ => $"{Local}@{Domain}/{Resource}",
    };
}
