namespace JitsiMesh.Signalling.Muc;

/// <summary>Which nicks a client may take: a letter or digit, then letters, digits and underscores (mod_muc_resource_validate). The nick is the endpoint id on the bridge.</summary>
public static class NickRule
{
    public static bool Allows(string nick)
    {
        if (nick.Length == 0 || nick[0] == '_') return false;
        foreach (var c in nick)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_') return false;
        }

        return true;
    }

    /// <summary>
    /// Nicks with a meaning for clients and bridges: <c>focus</c> sends Jingle, <c>jvb</c> owns the bridge's feedback sources, <c>mixer…</c> and <c>mixed…</c> are older
    /// names of these, and captions come from <c>transcriber</c>, which logs in on the hidden domain. Only services may take them, in upper or lower case.
    /// </summary>
    public static bool IsReserved(string nick, bool hidden) =>
        nick.Equals("jvb", StringComparison.OrdinalIgnoreCase)
        || nick.Equals("focus", StringComparison.OrdinalIgnoreCase)
        || nick.StartsWith("mixer", StringComparison.OrdinalIgnoreCase)
        || nick.StartsWith("mixedm", StringComparison.OrdinalIgnoreCase)
        || nick.StartsWith("mixedlabel", StringComparison.OrdinalIgnoreCase)
        || (!hidden && nick.Equals("transcriber", StringComparison.OrdinalIgnoreCase));
}
