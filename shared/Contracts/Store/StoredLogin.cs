using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace JitsiMesh.Contracts.Store;

/// <summary>
/// A login in the store: one document for each account, one field for each login. Focus writes it, and every service that gets a session id can look it up.
/// The field is named by a hash of the id's secret, so that a reader of the store cannot use the login. Its ToString prints nothing.
/// </summary>
/// <param name="Identity">The bare JID that logged in.</param>
/// <param name="Machine">A hash of the client's machine id: the login is valid on no other machine.</param>
/// <param name="Until">Its expiry, in milliseconds since 1970.</param>
/// <param name="Moderator">Whether the authority grants the moderator role: true, false, or null.</param>
public sealed record StoredLogin(string Identity, string Machine, long Until, bool? Moderator)
{
    /// <summary>The prefix of the keys of all accounts' documents.</summary>
    public const string KeyPrefix = "focus-login:";

    /// <summary>Octets of randomness in a session id.</summary>
    public const int SecretOctets = 16;

    private const int AccountCharacters = 16;
    private const int SecretCharacters = 2 * SecretOctets;
    private const int MachineOctets = 12;

    /// <summary>The key of an account's document.</summary>
    /// <param name="identity">The bare JID, prepared.</param>
    public static string KeyOf(string identity) => KeyPrefix + AccountOf(identity);

    /// <summary>A session id: it locates the account's document and carries the secret.</summary>
    /// <param name="identity">The bare JID, prepared.</param>
    /// <param name="secret"><see cref="SecretOctets"/> random octets.</param>
    public static string NewId(string identity, ReadOnlySpan<byte> secret) => $"{AccountOf(identity)}.{Convert.ToHexStringLower(secret)}";

    /// <summary>The key and field of a session id's login.</summary>
    /// <returns>False for a malformed session id.</returns>
    public static bool TryLocate(string id, out string key, out string field)
    {
        ArgumentNullException.ThrowIfNull(id);
        (key, field) = ("", "");
        if (id.Length != AccountCharacters + 1 + SecretCharacters || id[AccountCharacters] != '.') return false;
        var account = id[..AccountCharacters];
        if (!account.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return false;
        (key, field) = (KeyPrefix + account, Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(id[(AccountCharacters + 1)..]))));
        return true;
    }

    /// <summary>The hash of a machine id.</summary>
    public static string HashOf(string machine) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(machine)).AsSpan(0, MachineOctets));

    /// <summary>Null for a record that cannot be parsed.</summary>
    public static StoredLogin? Read(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, StoredLoginJson.Default.StoredLogin) is { Identity: not null, Machine: not null } login ? login : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, StoredLoginJson.Default.StoredLogin);

    /// <param name="machine">The machine id that a client sends.</param>
    public bool IsOf(string? machine) => machine is not null && HashOf(machine) == Machine;

    /// <param name="milliseconds">Since 1970.</param>
    public bool HoldsAt(long milliseconds) => milliseconds < Until;

    public override string ToString() => "stored login";

    private static string AccountOf(string identity) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..AccountCharacters];
}

[JsonSerializable(typeof(StoredLogin))]
internal sealed partial class StoredLoginJson : JsonSerializerContext;
