namespace JitsiMesh.Xmpp.Sasl;

/// <summary>The base64 of SASL elements: strict, and "=" for the empty message (RFC 6120 section 6.4.2).</summary>
public static class SaslText
{
    public static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = [];
        if (text is "" or "=") return true;
        if (text.Length > XmppLimits.SaslMessageOctets * 4 / 3 + 4) return false;
        foreach (var c in text)
        {
            if (char.IsWhiteSpace(c)) return false;
        }

        var buffer = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, buffer, out var written)) return false;
        bytes = buffer[..written];
        return true;
    }
}
