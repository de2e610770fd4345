namespace JitsiMesh.Ice;

/// <summary>What RFC 8839 section 5.4 takes for a ufrag and a password; for whoever hears them from a remote.</summary>
public static class IceCredentials
{
    public static bool IsUfrag(string text) => IsText(text, IceLimits.MinUfragLength, IceLimits.MaxUfragLength);

    public static bool IsPassword(string text) => IsText(text, IceLimits.MinPasswordLength, IceLimits.MaxPasswordLength);

    /// <summary>No longer than a check has room for, whatever else they are.</summary>
    internal static bool AreBounded(string ufrag, string password) =>
        System.Text.Encoding.UTF8.GetByteCount(ufrag) <= IceLimits.MaxUfragLength && System.Text.Encoding.UTF8.GetByteCount(password) <= IceLimits.MaxPasswordLength;

    private static bool IsText(string text, int min, int max)
    {
        if (text.Length < min || text.Length > max) return false;
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('+' or '/')) return false;
        }

        return true;
    }
}
