using System.Text.Json.Serialization;

namespace JitsiMesh.Contracts.Links;

/// <summary>
/// The attributes with which a session was admitted: those that an authority vouches for, and those of its URL. The record is carried whole from auth to the session, its occupant's record and
/// the services behind the link, so that a new attribute is one property here. It holds a token and names, so its ToString prints nothing.
/// </summary>
public sealed record SessionContext
{
    public static readonly SessionContext Empty = new();

    /// <summary>The bare JID or token subject that an authority vouches for, or null for a guest.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Identity { get; init; }

    /// <summary>The token of the session's URL, or null. Verified only if <see cref="Claims"/> is set.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }

    /// <summary>The claims of the verified token; null for a session without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TokenClaims? Claims { get; init; }

    /// <summary>The user's profile as other participants see it (<c>context.user</c> of a token, or a directory's entry): a JSON object, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UserContext { get; init; }

    /// <summary><c>context.group</c> of the token, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Group { get; init; }

    /// <summary><c>context.features</c> of the token or of a directory's groups: a JSON object, or null for a session without configured features.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Features { get; init; }

    /// <summary>Whether the authority grants the moderator role: true, false, or null where it does not decide.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Moderator { get; init; }

    /// <summary>The <c>room</c> parameter of the session's URL, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Room { get; init; }

    /// <summary>The <c>prefix</c> parameter of the session's URL, or the first part of its path; or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Tenant { get; init; }

    /// <summary>The region in which the session connected, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Region { get; init; }

    /// <summary>A tag of the session's client address, for limits by address: equal for equal addresses, but not the address itself. Null where no limit applies.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AddressTag { get; init; }

    /// <summary>
    /// The context of a session whose client returned with a new login. The authority's data is replaced as a whole if the new login has any, so that nothing of an older
    /// token survives; the other attributes are kept where the new URL omits them.
    /// </summary>
    public SessionContext RenewedBy(SessionContext newer)
    {
        ArgumentNullException.ThrowIfNull(newer);
        var vouched = newer.Identity is null && newer.Token is null && newer.UserContext is null && newer.Features is null ? this : newer;
        return vouched with
        {
            Room = newer.Room ?? Room,
            Tenant = newer.Tenant ?? Tenant,
            Region = newer.Region ?? Region,
            AddressTag = newer.AddressTag ?? AddressTag,
        };
    }

    public override string ToString() => "session context";
}

/// <summary>The scope of a verified token (mod_token_verification).</summary>
/// <param name="Room">The room's name, <c>*</c> for any, or a pattern.</param>
/// <param name="RoomIsPattern"><c>context.room.regex</c>.</param>
/// <param name="Subject"><c>sub</c>: tenant or domain, <c>*</c> for any; null when absent.</param>
/// <param name="Tenant"><c>context.tenant</c>, or null.</param>
public sealed record TokenClaims(string? Room, bool RoomIsPattern, string? Subject, string? Tenant);
