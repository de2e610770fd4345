namespace JitsiMesh.Auth.Ldap.Protocol;

/// <summary>The result codes that are handled individually (RFC 4511 appendix A).</summary>
internal enum LdapResultCode
{
    Success = 0,
    OperationsError = 1,
    ProtocolError = 2,
    TimeLimitExceeded = 3,
    SizeLimitExceeded = 4,
    StrongerAuthRequired = 8,
    Referral = 10,
    AdminLimitExceeded = 11,
    CriticalExtensionUnavailable = 12,
    ConfidentialityRequired = 13,
    NoSuchAttribute = 16,
    InappropriateMatching = 18,
    ConstraintViolation = 19,
    NoSuchObject = 32,
    InvalidDnSyntax = 34,
    InappropriateAuthentication = 48,
    InvalidCredentials = 49,
    InsufficientAccessRights = 50,
    Busy = 51,
    Unavailable = 52,
    UnwillingToPerform = 53,
}

/// <summary>LDAPResult (RFC 4511 section 4.1.9).</summary>
/// <param name="Code">May be a number that <see cref="LdapResultCode"/> does not name.</param>
/// <param name="Diagnostic">The server's own text: not for clients.</param>
internal sealed record LdapResult(LdapResultCode Code, string Diagnostic)
{
    public bool Succeeded => Code == LdapResultCode.Success;

    public override string ToString() => Enum.IsDefined(Code) ? Code.ToString() : FormattableString.Invariant($"result {(int)Code}");
}

/// <summary>One entry of a search: its name, and the values of each attribute by case-insensitive name.</summary>
internal sealed record LdapEntry(string Name, IReadOnlyDictionary<string, IReadOnlyList<byte[]>> Attributes)
{
    public IReadOnlyList<byte[]> Values(string attribute) => Attributes.TryGetValue(attribute, out var values) ? values : [];

    /// <summary>The values that are valid UTF-8.</summary>
    public IEnumerable<string> Texts(string attribute)
    {
        foreach (var value in Values(attribute))
        {
            if (LdapText.TryDecode(value, out var text)) yield return text;
        }
    }

    public override string ToString() => "entry";
}

/// <summary>A message of a server (RFC 4511 sections 4.2.2, 4.5.2, 4.12).</summary>
internal abstract record LdapResponse(int MessageId);

internal sealed record BindResponse(int MessageId, LdapResult Result) : LdapResponse(MessageId);

internal sealed record SearchEntry(int MessageId, LdapEntry Entry) : LdapResponse(MessageId);

/// <summary>A reference to another server: never followed, since that server is not trusted.</summary>
internal sealed record SearchReference(int MessageId) : LdapResponse(MessageId);

internal sealed record SearchDone(int MessageId, LdapResult Result) : LdapResponse(MessageId);

internal sealed record ExtendedResponse(int MessageId, LdapResult Result, string Name) : LdapResponse(MessageId);
