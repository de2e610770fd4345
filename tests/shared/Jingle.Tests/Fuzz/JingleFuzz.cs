using System.Text;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Jingle.Tests.Fuzz;

/// <summary>Any bytes: as XML to the Jingle parser, as JSON to the compact sources. What parses must be writable, and then parse again.</summary>
public static class JingleFuzz
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        var text = Encoding.UTF8.GetString(data);
        if (CompactSources.TryParse(text, out var map, out _))
        {
            if (!CompactSources.TryParse(CompactSources.Format(map), out _, out var again)) throw new InvalidOperationException($"Wrote sources that do not parse: {again}.");
        }

        if (!XmppParser.TryParse(text, out var element, out _)) return;
        if (!JingleParser.TryParse(element, out var message, out _)) return;
        var written = JingleFormat.Format(message).ToString();
        if (!JingleParser.TryParse(XmppParser.Parse(written), out _, out var error)) throw new InvalidOperationException($"Wrote a message that does not parse: {error}.");
    }
}
