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
    /// Nicks that clients and bridges know as somebody's: <c>focus</c> sends Jingle, <c>jvb</c> owns the bridge's feedback sources, <c>mixer…</c> and <c>mixed…</c> are
    /// their older names, and captions come from <c>transcriber</c>, who logs in on the hidden domain. Services may have them, in any case of letters nobody else.
    /// </summary>
    public static bool IsReserved(string nick, bool hidden) =>
        nick.Equals("jvb", StringComparison.OrdinalIgnoreCase)
        || nick.Equals("focus", StringComparison.OrdinalIgnoreCase)
        || nick.StartsWith("mixer", StringComparison.OrdinalIgnoreCase)
        || nick.StartsWith("mixedm", StringComparison.OrdinalIgnoreCase)
        || nick.StartsWith("mixedlabel", StringComparison.OrdinalIgnoreCase)
        || (!hidden && nick.Equals("transcriber", StringComparison.OrdinalIgnoreCase));
}
