using System.Globalization;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>Date and time as XMPP writes them (XEP-0082 section 3).</summary>
public static class XmppTime
{
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string FormatSeconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
