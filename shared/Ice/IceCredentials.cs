namespace JitsiMesh.Ice;

/// <summary>Validates the ufrag and password of a remote by RFC 8839 section 5.4.</summary>
public static class IceCredentials
{
    public static bool IsUfrag(string text) => IsText(text, IceLimits.MinUfragLength, IceLimits.MaxUfragLength);

    public static bool IsPassword(string text) => IsText(text, IceLimits.MinPasswordLength, IceLimits.MaxPasswordLength);

    /// <summary>Whether they fit into a check; their characters are not validated.</summary>
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
