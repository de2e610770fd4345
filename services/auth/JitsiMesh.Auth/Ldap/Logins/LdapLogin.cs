using JitsiMesh.Auth.Ldap.Connections;
using JitsiMesh.Auth.Ldap.Protocol;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.Ldap.Logins;

/// <summary>
/// Checks a name and a password. bind: the search account finds exactly one entry, and a bind as that entry succeeds. custom: its
/// userPassword is read and compared. fastbind: only the bind.
/// </summary>
internal sealed class LdapLogin(LdapLoginSettings settings, LdapPool pool, RefusalPace pace)
{
    private static readonly string[] Profile = ["displayName", "cn", "mail"];

    public LdapLoginSettings Settings => settings;

    /// <param name="name">The name.</param>
    /// <param name="password">Not empty; null reads the entry and its groups without checking a password.</param>
    /// <param name="observer">Observes the steps.</param>
    /// <param name="cancellation">Cancels the check.</param>
    /// <exception cref="LdapException">The directory request failed.</exception>
    public async Task<LdapOutcome> CheckAsync(LoginName name, string? password, ILdapObserver observer, CancellationToken cancellation)
    {
        // A simple bind with a name and no password succeeds as anonymous (RFC 4513 section 5.1.2).
        if (password is { Length: 0 }) return new LdapOutcome(LdapOutcomeKind.WrongPassword, "the password is empty");
        if (settings.Method == LdapAuthMethod.Fastbind) return await FastBindAsync(name, password, observer, cancellation);
        var hits = await FindAsync(name, observer, cancellation);
        observer.Searched(hits.Count, hits.Count == 1 ? hits[0] : null);
        if (hits.Count != 1)
        {
            if (password is not null) await RefuseUnknownAsync(password, observer, cancellation);
            return hits.Count == 0 ? new LdapOutcome(LdapOutcomeKind.UnknownUser, "no entry matches") : new LdapOutcome(LdapOutcomeKind.AmbiguousUser, "more than one entry matches");
        }

        if (password is not null)
        {
            var begin = pace.Begin();
            var refusal = settings.Method == LdapAuthMethod.Custom ? Compare(hits[0], password) : await BindAsync(hits[0].Name, password, observer, cancellation);
            pace.Record(begin);
            if (refusal is not null) return refusal;
        }

        if (!settings.ReadsGroups) return new LdapOutcome(LdapOutcomeKind.Admitted, "", new LdapPerson(hits[0], null, new Dictionary<string, bool>()));
        return new LdapOutcome(LdapOutcomeKind.Admitted, "", await pool.SearchAsync((connection, server) => new LdapGroups(settings, connection, server).PersonAsync(hits[0], name, cancellation), observer, cancellation));
    }

    private async Task<IReadOnlyList<LdapEntry>> FindAsync(LoginName name, ILdapObserver observer, CancellationToken cancellation)
    {
        var text = LoginTemplate.Expand(settings.Template, name, LdapText.EscapeForFilter);
        if (!LdapFilter.TryParse(text, out var filter)) return [];
        string[] attributes = [.. Profile, .. settings.ReadsGroups ? ["memberOf"] : Array.Empty<string>(), .. settings.Method == LdapAuthMethod.Custom ? ["userPassword"] : Array.Empty<string>()];
        var search = new LdapSearch(settings.Base, LdapScope.Subtree, filter, attributes, SizeLimit: 2);
        return await pool.SearchAsync(async (connection, server) =>
        {
            var (entries, result) = await connection.SearchAsync(search, cancellation);

            // A bind with an empty name would be anonymous, and would succeed.
            if (entries.Any(entry => entry.Name.Trim().Length == 0)) throw new LdapException(LdapFault.BadAnswer, server, $"{server}: an entry without a name");
            return result.Code switch
            {
                LdapResultCode.Success => entries,
                LdapResultCode.SizeLimitExceeded when entries.Count > 1 => entries,
                LdapResultCode.Busy or LdapResultCode.Unavailable => throw new LdapException(LdapFault.Unreachable, server, $"{server}: {result}"),
                LdapResultCode.TimeLimitExceeded => throw new LdapException(LdapFault.TimedOut, server, $"{server}: {result}"),
                _ => throw new LdapException(LdapFault.SearchFailed, server, $"{server}: search refused ({result})"),
            };
        }, observer, cancellation);
    }

    private static LdapOutcome? Compare(LdapEntry entry, string password)
    {
        var stored = entry.Values("userPassword");
        if (stored.Count == 0) return new LdapOutcome(LdapOutcomeKind.WrongPassword, "the search account cannot read userPassword, or the entry has none");
        return stored.Any(value => StoredPassword.Matches(value, password)) ? null : new LdapOutcome(LdapOutcomeKind.WrongPassword, "userPassword does not match");
    }

    /// <returns>Null when the bind succeeded.</returns>
    private Task<LdapOutcome?> BindAsync(string name, string password, ILdapObserver observer, CancellationToken cancellation) => pool.TryPasswordAsync(
        async (connection, server) => Judge(await connection.BindAsync(settings.Version, name, password, cancellation), server), observer, cancellation);

    // Binds with a name that no entry has, and takes as long as for a known name, so that neither discloses that the name is unknown. No answer of the server to this bind admits the client.
    private async Task RefuseUnknownAsync(string password, ILdapObserver observer, CancellationToken cancellation)
    {
        var begin = pace.Begin();
        if (settings.Method == LdapAuthMethod.Bind)
        {
            var unknownName = $"cn={Guid.NewGuid():N}{(settings.Base.Length > 0 ? "," : "")}{settings.Base}";
            await pool.TryPasswordAsync((connection, _) => connection.BindAsync(settings.Version, unknownName, password, cancellation), observer, cancellation);
        }

        await pace.KeepAsync(begin, cancellation);
    }

    private async Task<LdapOutcome> FastBindAsync(LoginName name, string? password, ILdapObserver observer, CancellationToken cancellation)
    {
        var isName = settings.Template.Contains('=', StringComparison.Ordinal);
        var bindName = LoginTemplate.Expand(settings.Template, name, isName ? LdapText.EscapeForName : value => value);

        // Names of Active Directory (user@domain, DOMAIN\user) have no escaping: a name that could be read differently is refused as unknown.
        if (bindName.Trim().Length == 0 || (!isName && !name.Text.All(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '@'))) return new LdapOutcome(LdapOutcomeKind.UnknownUser, "not a name");
        if (password is null) return new LdapOutcome(LdapOutcomeKind.WrongPassword, "fastbind cannot find an entry without a password");
        return await pool.TryPasswordAsync(async (connection, server) =>
        {
            if (Judge(await connection.BindAsync(settings.Version, bindName, password, cancellation), server) is { } refusal) return refusal;
            return new LdapOutcome(LdapOutcomeKind.Admitted, "", await OwnEntryAsync(connection, server, isName ? bindName : null, name, cancellation));
        }, observer, cancellation);
    }

    // Reads with the user's own rights, which may not suffice: then there is no name, and no group.
    private async Task<LdapPerson> OwnEntryAsync(LdapConnection connection, LdapServer server, string? entryName, LoginName name, CancellationToken cancellation)
    {
        var entry = new LdapEntry("", new Dictionary<string, IReadOnlyList<byte[]>>());
        if (entryName is not null)
        {
            var (entries, result) = await connection.SearchAsync(new LdapSearch(entryName, LdapScope.Base, new LdapFilter.Present("objectClass"), [.. Profile, "memberOf"], 1), cancellation);
            if (result.Succeeded && entries.Count == 1 && entries[0].Name.Length > 0) entry = entries[0];
        }

        return await new LdapGroups(settings, connection, server).PersonAsync(entry, name, cancellation);
    }

    private static LdapOutcome? Judge(LdapResult result, LdapServer server) => result.Code switch
    {
        LdapResultCode.Success => null,
        LdapResultCode.InvalidCredentials => new LdapOutcome(AccountState.Of(result.Diagnostic) is null ? LdapOutcomeKind.WrongPassword : LdapOutcomeKind.AccountUnusable, AccountState.Of(result.Diagnostic) ?? "wrong password, or the account is locked"),
        LdapResultCode.Busy or LdapResultCode.Unavailable or LdapResultCode.OperationsError => throw new LdapException(LdapFault.Unreachable, server, $"{server}: {result}"),
        LdapResultCode.ConfidentialityRequired or LdapResultCode.StrongerAuthRequired => throw new LdapException(LdapFault.TlsFailed, server, $"{server}: the server accepts passwords only over TLS ({result})"),
        LdapResultCode.ProtocolError => throw new LdapException(LdapFault.BadAnswer, server, $"{server}: the bind is refused ({result}); the server may not support LDAP_VERSION"),
        LdapResultCode.NoSuchObject or LdapResultCode.InvalidDnSyntax => new LdapOutcome(LdapOutcomeKind.UnknownUser, result.ToString()),
        LdapResultCode.InappropriateAuthentication or LdapResultCode.ConstraintViolation or LdapResultCode.UnwillingToPerform or LdapResultCode.InsufficientAccessRights =>
            new LdapOutcome(LdapOutcomeKind.AccountUnusable, result.ToString()),
        _ => throw new LdapException(LdapFault.BadAnswer, server, $"{server}: the bind ended with {result}"),
    };
}

/// <summary>Active Directory answers every refused bind with invalidCredentials; the diagnostic text has the cause: <c>…, data 775, …</c>.</summary>
internal static class AccountState
{
    /// <returns>The state of the account, or null for a wrong password.</returns>
    public static string? Of(string diagnostic)
    {
        var at = diagnostic.IndexOf("data ", StringComparison.Ordinal);
        if (at < 0) return null;
        var code = diagnostic[(at + 5)..].Split(',', ' ')[0];
        return code switch
        {
            "530" or "531" => "not allowed to log in at this time, or from here",
            "532" => "the password has expired",
            "533" => "the account is disabled",
            "701" => "the account has expired",
            "773" => "the password must be changed first",
            "775" => "the account is locked",
            _ => null,
        };
    }
}
