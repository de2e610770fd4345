using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Auth.Ldap.Logins;

/// <summary>crypt(3) of the system: DES, $1$, $5$, $6$, and further schemes of its library. Without the library no password matches.</summary>
internal static unsafe class UnixCrypt
{
    // glibc's struct crypt_data, the largest of all libraries, has 131,232 octets.
    private const int StateOctets = 256 * 1024;

    private static readonly delegate* unmanaged<byte*, byte*, byte*, byte*> Function = Load();

    public static bool IsAvailable => Function is not null;

    public static bool Matches(string hash, string password)
    {
        if (!IsAvailable || hash.Length is < 13 or > 384 || hash.Contains('\0', StringComparison.Ordinal) || password.Contains('\0', StringComparison.Ordinal) || TooExpensive(hash)) return false;
        var setting = Encoding.UTF8.GetBytes(hash + "\0");
        var key = Encoding.UTF8.GetBytes(password + "\0");
        var state = (byte*)NativeMemory.AllocZeroed(StateOctets);
        try
        {
            fixed (byte* keyAt = key, settingAt = setting)
            {
                var result = Function(keyAt, settingAt, state);
                if (result is null) return false;
                var computed = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(result);

                // "*0" and "*1" indicate an error.
                return computed.Length >= 13 && computed[0] != (byte)'*' && CryptographicOperations.FixedTimeEquals(computed, setting.AsSpan(0, setting.Length - 1));
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(new Span<byte>(state, StateOctets));
            NativeMemory.Free(state);
        }
    }

    // The value in the directory determines the computing time.
    private static bool TooExpensive(string hash)
    {
        if (!hash.StartsWith('$')) return false;
        var parts = hash.Split('$');
        return parts[1] switch
        {
            "1" => false,
            "5" or "6" => parts.Length > 2 && parts[2].StartsWith("rounds=", StringComparison.Ordinal)
                && !(int.TryParse(parts[2].AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) && rounds <= LdapLimits.CryptRounds),
            "2a" or "2b" or "2y" => !(parts.Length > 2 && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var cost) && cost <= 14),

            // yescrypt: the usual costs, up to j9T.
            "y" => !(parts.Length > 2 && parts[2].Length == 3 && parts[2][1] <= '9'),
            _ => true,
        };
    }

    private static delegate* unmanaged<byte*, byte*, byte*, byte*> Load()
    {
        foreach (var name in new[] { "libcrypt.so.1", "libcrypt.so.2", "libc.so" })
        {
            if (NativeLibrary.TryLoad(name, out var library) && NativeLibrary.TryGetExport(library, "crypt_r", out var function)) return (delegate* unmanaged<byte*, byte*, byte*, byte*>)function;
        }

        return null;
    }
}
