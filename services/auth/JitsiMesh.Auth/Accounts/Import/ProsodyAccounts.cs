using System.Text;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Auth.Accounts.Import;

/// <summary>The account in one file of Prosody.</summary>
/// <param name="File">Its name.</param>
/// <param name="Name">The account's name; empty if there is a problem.</param>
/// <param name="Keys">For SHA-1 only if Prosody stored keys, for both hashes if it stored the password.</param>
/// <param name="Problem">Why the file cannot be imported, or null.</param>
internal sealed record ProsodyAccount(string File, string Name, IReadOnlyList<ScramCredentials> Keys, string? Problem)
{
    public override string ToString() => "Prosody account";
}

/// <summary>
/// Reads the accounts that Prosody stores in files (mod_auth_internal_hashed, mod_auth_internal_plain): <c>DATA/meet%2ejitsi/accounts/anna.dat</c>.
/// </summary>
internal static class ProsodyAccounts
{
    /// <summary>The folder of a domain's accounts: the path itself, or the folder below it if the path is Prosody's data folder.</summary>
    /// <returns>Null if there is none.</returns>
    public static string? FolderOf(string path, string domain)
    {
        foreach (var folder in new[] { Path.Combine(path, Encode(domain), "accounts"), Path.Combine(path, "data", Encode(domain), "accounts"), Path.Combine(path, "accounts"), path })
        {
            if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.dat").Any()) return folder;
        }

        return null;
    }

    public static IEnumerable<ProsodyAccount> Read(string folder) => Directory.EnumerateFiles(folder, "*.dat").Order(StringComparer.Ordinal).Select(ReadFile);

    private static ProsodyAccount ReadFile(string path)
    {
        var file = Path.GetFileName(path);
        ProsodyAccount Bad(string problem) => new(file, "", [], problem);
        try
        {
            if (!TryDecode(Path.GetFileNameWithoutExtension(file), out var decoded) || !AccountName.TryPrepare(decoded, out var name)) return Bad("the file name is not a valid account name: " + AccountName.Rule);
            using var stream = File.OpenRead(path);
            if (stream.Length > ImportLimits.FileOctets) return Bad("the file is too long");
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            if (!LuaTable.TryRead(Encoding.Latin1.GetString(bytes), out var values)) return Bad("the file is not in Prosody's format");
            if (values.GetValueOrDefault("disabled") is true) return Bad("the account is disabled");
            return TryKeys(values, out var keys, out var problem) ? new ProsodyAccount(file, name, keys, null) : Bad(problem);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Bad("the file cannot be read");
        }
    }

    private static bool TryKeys(Dictionary<string, object> values, out IReadOnlyList<ScramCredentials> keys, out string problem)
    {
        keys = [];
        problem = "";
        if (values.GetValueOrDefault("stored_key") is string stored && values.GetValueOrDefault("server_key") is string server && values.GetValueOrDefault("salt") is string salt)
        {
            if (!TryHex(stored, out var storedKey) || !TryHex(server, out var serverKey) || ScramHash.All.FirstOrDefault(h => h.Octets == storedKey.Length && h.Octets == serverKey.Length) is not { } hash || salt.Length == 0)
            {
                problem = "the keys are neither for SCRAM-SHA-1 nor for SCRAM-SHA-256";
                return false;
            }

            if (values.GetValueOrDefault("iteration_count") is not double count || count is < ImportLimits.LeastIterations or > ImportLimits.MostIterations)
            {
                problem = FormattableString.Invariant($"iteration_count is not between {ImportLimits.LeastIterations} and {ImportLimits.MostIterations}");
                return false;
            }

            // The salt is text; its octets are hashed.
            keys = [new ScramCredentials(hash, Encoding.Latin1.GetBytes(salt), (int)count, storedKey, serverKey)];
            return true;
        }

        if (values.GetValueOrDefault("password") is string octets)
        {
            var password = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(octets));
            if (SaslPrep.TryPrepare(password, out var prepared))
            {
                keys = PasswordKeys.Of(prepared);
                return true;
            }

            problem = "the password has characters that no client can send";
            return false;
        }

        problem = "the file has neither keys nor a password";
        return false;
    }

    private static bool TryHex(string text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length % 2 != 0 || !text.All(char.IsAsciiHexDigit)) return false;
        bytes = Convert.FromHexString(text);
        return true;
    }

    /// <summary>Prosody's datamanager encodes every octet that is no ASCII letter or digit as % and two hexadecimal digits.</summary>
    private static string Encode(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(b => char.IsAsciiLetterOrDigit((char)b) ? ((char)b).ToString() : $"%{b:x2}"));

    private static bool TryDecode(string text, out string name)
    {
        name = "";
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                if (!char.IsAscii(text[i])) return false;
                bytes.Add((byte)text[i]);
                continue;
            }

            if (i + 2 >= text.Length || !TryHex(text.Substring(i + 1, 2), out var octet)) return false;
            bytes.AddRange(octet);
            i += 2;
        }

        name = Encoding.UTF8.GetString([.. bytes]);
        return !name.Contains('\uFFFD', StringComparison.Ordinal);
    }
}
