using System.Globalization;
using System.Text;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Bosh;

/// <summary>The bodies of answers (XEP-0124).</summary>
internal static class BoshAnswers
{
    /// <summary>Nothing has come for the client.</summary>
    public static readonly ReadOnlyMemory<byte> Empty = Encoding.UTF8.GetBytes($"<body xmlns=\"{Namespaces.HttpBind}\"/>");

    /// <summary>The request was sent again over another connection, which gets the answer (section 17.3).</summary>
    public static readonly ReadOnlyMemory<byte> SentAgain = Encoding.UTF8.GetBytes($"<body type=\"error\" xmlns=\"{Namespaces.HttpBind}\"/>");

    private static readonly byte[] End = "</body>"u8.ToArray();

    /// <summary>The attributes of the first answer of a session (section 7, XEP-0206 section 4).</summary>
    public static string Created(string sid, string streamId, string from, TimeSpan wait, int hold, bool secure)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $" sid=\"{sid}\" authid=\"{streamId}\" wait=\"{(int)wait.TotalSeconds}\" hold=\"{hold}\" requests=\"{BoshLimits.Requests}\"");
        text.Append(CultureInfo.InvariantCulture, $" inactivity=\"{(int)BoshLimits.Inactivity.TotalSeconds}\" polling=\"{(int)BoshLimits.Polling.TotalSeconds}\" ver=\"1.6\"");
        if (secure) text.Append(" secure=\"true\"");
        text.Append(CultureInfo.InvariantCulture, $" from=\"{XmppSerializer.EscapeAttribute(from)}\" xmlns:xmpp=\"{Namespaces.XmppBosh}\" xmpp:version=\"1.0\" xmpp:restartlogic=\"true\"");
        return text.ToString();
    }

    /// <param name="attributes">Of the first answer; otherwise empty.</param>
    /// <param name="payload">Stanzas and elements of the stream; each declares its own namespaces.</param>
    public static ReadOnlyMemory<byte> Payload(string attributes, ReadOnlySpan<byte> payload) => attributes.Length == 0 && payload.IsEmpty ? Empty : Body(attributes, payload);

    /// <param name="condition">Of section 17.2; null where the client has ended the session.</param>
    /// <param name="attributes">Of the first answer; otherwise empty.</param>
    /// <param name="payload">What the client should still hear.</param>
    public static ReadOnlyMemory<byte> Terminated(string? condition, string attributes = "", ReadOnlySpan<byte> payload = default) =>
        Body((condition is null ? " type=\"terminate\"" : $" type=\"terminate\" condition=\"{condition}\"") + attributes, payload);

    private static byte[] Body(string attributes, ReadOnlySpan<byte> payload)
    {
        var start = Encoding.UTF8.GetBytes($"<body xmlns=\"{Namespaces.HttpBind}\" xmlns:stream=\"{Namespaces.Streams}\"{attributes}>");
        return [.. start, .. payload, .. End];
    }
}
