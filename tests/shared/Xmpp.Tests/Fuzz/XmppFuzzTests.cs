using System.Text;
using JitsiMesh.Primitives;

namespace JitsiMesh.Xmpp.Tests.Fuzz;

public sealed class XmppFuzzTests
{
    private static readonly string[] Samples =
    [
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>",
        "<iq type='set' id='1' xmlns='jabber:client'><query xmlns='jabber:x:data'><x xmlns='jabber:x:data'><field var='a'><value>&#65;&amp;</value></field></x></query></iq>",
        "<p:a xmlns:p='urn:a' p:b='1' xml:lang=\"en\"><![CDATA[<x>]]>é👍\r\n</p:a>",
        "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='a' type='b' name='c'/><feature var='x'/></query>",
        "room.name@muc.meet.jitsi/ab12", "ＡＢ[tenant]x@例え.jp/ｒé ", "biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM", "AHVzZXIAcGVuY2ls", "n,a=us=2Cer,n=us=3Der,r=fyko+d2lbbFgONRv9qkxdawL,x=1",
    ];

    [Fact]
    public void The_empty_input_and_the_samples_do_no_harm()
    {
        XmppFuzz.Run([]);
        foreach (var sample in Samples) XmppFuzz.Run(Encoding.UTF8.GetBytes(sample));
    }

    [Fact]
    public void Mutated_samples_do_no_harm()
    {
        const ulong Seed = 7395;
        var random = new SeededRandomSource(Seed);
        for (var round = 0; round < 4000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(Samples[random.NextInt(Samples.Length)]).ToList();
            for (var i = random.NextInt(4); i >= 0 && bytes.Count > 0; i--)
            {
                var at = random.NextInt(bytes.Count);
                switch (random.NextInt(4))
                {
                    case 0:
                        bytes[at] = (byte)random.NextInt(256);
                        break;
                    case 1:
                        bytes.RemoveAt(at);
                        break;
                    case 2:
                        bytes.Insert(at, "<>&'\"=/!?:]@ \0"u8[random.NextInt(14)]);
                        break;
                    default:
                        bytes.InsertRange(at, bytes.GetRange(0, random.NextInt(Math.Min(bytes.Count, 40))));
                        break;
                }
            }

            try
            {
                XmppFuzz.Run(bytes.ToArray());
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {Seed}, round {round}: {exception.Message}\n{Convert.ToHexString(bytes.ToArray())}");
            }
        }
    }
}
