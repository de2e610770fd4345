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
}
