using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tcp;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Fuzz.Tests.Targets;

/// <summary>
/// Octets of a whole stream over TCP, in clear text and behind TLS, cut into pieces by themselves: nothing throws, what is kept has its bound, the pieces give the same as the whole, and
/// nothing lets in a client that did not log in.
/// </summary>
internal sealed class XmppStreamTarget : IFuzzTarget
{
    private const string Header = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:p='urn:p' to='meet.jitsi' version='1.0'>";

    private static readonly SignallingFeatures Features = new(new SignallingOptions());
    private static readonly MeshInstant Now = new(MonotonicTime.FromSeconds(1000), DateTimeOffset.UnixEpoch);

    public static IReadOnlyList<byte[]> Samples { get; } =
    [
        Encoding.UTF8.GetBytes($"{Header}<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
        Encoding.UTF8.GetBytes($"{Header}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>\n<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/></stream:stream>"),
        Encoding.UTF8.GetBytes($"{Header}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>{Header}<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq><enable xmlns='urn:xmpp:sm:3' resume='true'/>"
            + "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq> \n<presence to='call@muc.meet.jitsi/ab12cd34'><x xmlns='http://jabber.org/protocol/muc'/><p:q p:a='1'>é👍<![CDATA[</x>]]]></p:q></presence><a xmlns='urn:xmpp:sm:3' h='1'/></stream:stream>"),
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"u8.ToArray(),
    ];

    public static void Run(ReadOnlySpan<byte> data)
    {
        var whole = Read(data, int.MaxValue);
        // The data say themselves how they are cut.
        var step = data.IsEmpty ? 1 : 1 + (data[0] % 23);
        if (Read(data, step) is var pieces && pieces != whole) throw new InvalidOperationException($"In pieces of {step}: {pieces}\nwhole: {whole}");
        NegotiateTls(data);
        Talk(data, step);
    }

    private static string Read(ReadOnlySpan<byte> data, int step)
    {
        var seen = new StringBuilder();
        Each(new XmppStreamReader(), data, step, () => 1024, part =>
        {
            seen.Append(part.Kind).Append(' ').Append(part.Octets).Append(' ').Append(part.Growth).Append(' ').Append(part.Error).Append(' ').Append(part.Element).Append('\n');
            return true;
        });
        return seen.ToString();
    }

    private static void NegotiateTls(ReadOnlySpan<byte> data)
    {
        var negotiation = new StartTlsNegotiation(Features.CreateRouter(new SeededRandomSource(1)));
        var output = new List<string>();
        Each(new XmppStreamReader(), data, int.MaxValue, () => SignallingLimits.NegotiationFrameOctets, part => negotiation.Handle(part, output) == StartTlsStep.Continue);
        if (output.Exists(text => text.Contains("<mechanism", StringComparison.Ordinal) || text.Contains("<success", StringComparison.Ordinal))) throw new InvalidOperationException("A login in clear text.");
    }

    // The stream behind TLS; everybody who asks for it is a guest.
    private static void Talk(ReadOnlySpan<byte> data, int step)
    {
        var stream = new XmppStream(Features.CreateRouter(new SeededRandomSource(1)), new ClientRequest(), "q", TimeSpan.FromSeconds(60), StreamFraming.Tcp);
        var reader = new XmppStreamReader();
        var outputs = new SessionOutputs();
        var admitted = false;
        Each(reader, data, step, () => stream.FrameOctets, part =>
        {
            stream.Handle(part, Now, outputs);
            foreach (var effect in outputs.Effects.ToList())
            {
                if (effect is StanzaFailed failed) throw new InvalidOperationException("A stanza failed.", failed.Exception);
                if (effect is DescribeHost) stream.HostDescribed(["ANONYMOUS"], Now, outputs);
                if (effect is not Admit) continue;
                admitted = true;
                stream.Admitted(new AdmissionResult.Admitted("", Contracts.Links.SessionContext.Empty), null, Now, outputs);
            }

            outputs.Clear();
            if (stream.State == XmppStreamState.Restarting) reader.Restart();
            return stream.State != XmppStreamState.Closed;
        });
        if (stream.IsAuthenticated && !admitted) throw new InvalidOperationException("Let in without a question.");
    }

    private static void Each(XmppStreamReader reader, ReadOnlySpan<byte> data, int step, Func<int> maximum, Func<XmppStreamPart, bool> take)
    {
        for (var from = 0; from < data.Length;)
        {
            var piece = data.Slice(from, Math.Min(step, data.Length - from));
            while (!piece.IsEmpty)
            {
                var part = reader.Read(piece, maximum(), out var consumed);
                piece = piece[consumed..];
                from += consumed;
                if (reader.BufferOctets > maximum()) throw new InvalidOperationException($"{reader.BufferOctets} octets are kept.");
                if (part.Kind != XmppStreamPartKind.Incomplete && !take(part)) return;
                if (part.Kind == XmppStreamPartKind.Refused) return;
            }
        }
    }
}
