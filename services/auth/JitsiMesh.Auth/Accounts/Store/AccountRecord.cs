using JitsiMesh.Auth.Passwords;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Auth.Accounts.Store;

/// <summary>A row of the accounts: only keys, never a password.</summary>
internal sealed class AccountRecord
{
    /// <summary>The primary key, prepared.</summary>
    public required string Name { get; init; }

    public string? DisplayName { get; set; }

    public byte[]? Sha1Salt { get; set; }

    public int Sha1Iterations { get; set; }

    public byte[]? Sha1StoredKey { get; set; }

    public byte[]? Sha1ServerKey { get; set; }

    public byte[]? Sha256Salt { get; set; }

    public int Sha256Iterations { get; set; }

    public byte[]? Sha256StoredKey { get; set; }

    public byte[]? Sha256ServerKey { get; set; }

    /// <summary>UTC.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>When the password was set, UTC.</summary>
    public DateTime ChangedAt { get; set; }

    /// <summary>Replaces all keys: keys of an old password must not survive.</summary>
    public void SetKeys(IReadOnlyList<ScramCredentials> keys)
    {
        var sha1 = keys.FirstOrDefault(k => k.Hash == ScramHash.Sha1);
        var sha256 = keys.FirstOrDefault(k => k.Hash == ScramHash.Sha256);
        (Sha1Salt, Sha1Iterations, Sha1StoredKey, Sha1ServerKey) = (sha1?.Salt, sha1?.Iterations ?? 0, sha1?.StoredKey, sha1?.ServerKey);
        (Sha256Salt, Sha256Iterations, Sha256StoredKey, Sha256ServerKey) = (sha256?.Salt, sha256?.Iterations ?? 0, sha256?.StoredKey, sha256?.ServerKey);
    }

    public Account ToAccount()
    {
        var keys = new List<ScramCredentials>(2);
        Add(keys, ScramHash.Sha256, Sha256Salt, Sha256Iterations, Sha256StoredKey, Sha256ServerKey);
        Add(keys, ScramHash.Sha1, Sha1Salt, Sha1Iterations, Sha1StoredKey, Sha1ServerKey);
        return new Account(Name, DisplayName, keys);
    }

    // An invalid key, for example of a row edited by hand, is ignored.
    private static void Add(List<ScramCredentials> keys, ScramHash hash, byte[]? salt, int iterations, byte[]? storedKey, byte[]? serverKey)
    {
        if (salt is { Length: > 0 } && iterations > 0 && storedKey?.Length == hash.Octets && serverKey?.Length == hash.Octets) keys.Add(new ScramCredentials(hash, salt, iterations, storedKey, serverKey));
    }
}

/// <summary>A change of an account, for the auth service to publish: commands that change accounts run in their own processes.</summary>
internal sealed class ChangeRecord
{
    /// <summary>Increases with time.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>One of <see cref="AccountChange"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>Whether an auth service has published it.</summary>
    public bool IsTold { get; set; }
}

/// <summary>The kinds of changes, as named in the database and in the audit log.</summary>
internal static class AccountChange
{
    public const string Added = "added";
    public const string PasswordChanged = "password changed";
    public const string Removed = "removed";
    public const string Imported = "imported";
}

/// <summary>A secret that all auth services of a database share.</summary>
internal sealed class SecretRecord
{
    /// <summary>The name of the secret for invented keys.</summary>
    public const string Invented = "invented";

    public required string Name { get; init; }

    public required byte[] Value { get; init; }
}
