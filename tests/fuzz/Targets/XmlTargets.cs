using System.Text;
using JitsiMesh.Jingle.Tests;
using JitsiMesh.Jingle.Tests.Fuzz;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Fuzz.Tests.Targets;

/// <summary>Any text as a stanza: what parses is written and parses again to the same.</summary>
internal sealed class XmppTarget : IFuzzTarget
{
    public static IReadOnlyList<byte[]> Samples { get; } =
    [
        "<presence xmlns='jabber:client' to='room@conference.example/nick'><x xmlns='http://jabber.org/protocol/muc'/><nick>J&#xF6;rg &amp; Co</nick></presence>"u8.ToArray(),
        "<iq xmlns='jabber:client' type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource><![CDATA[x<y]]></resource></bind></iq>"u8.ToArray(),
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example' version='1.0' xml:lang='en'/>"u8.ToArray(),
        "<a:b xmlns:a='urn:a' xmlns='urn:b' a:c='1' c='2'><d/>text<e xmlns=''/></a:b>"u8.ToArray(),
    ];

    public static void Run(ReadOnlySpan<byte> data)
    {
        if (!XmppParser.TryParse(Encoding.UTF8.GetString(data), out var element, out _)) return;
        var written = element.ToString();
        if (!XmppParser.TryParse(written, out var again, out var error)) throw new InvalidOperationException($"Wrote what does not parse ({error}): {written}");
        if (again.ToString() != written) throw new InvalidOperationException($"Writes differently the second time: {written} and {again}");
    }
}

internal sealed class JingleTarget : IFuzzTarget
{
    public static IReadOnlyList<byte[]> Samples { get; } = [.. Jingle.Tests.Samples.All.Select(Encoding.UTF8.GetBytes)];

    public static void Run(ReadOnlySpan<byte> data) => JingleFuzz.Run(data);
}
