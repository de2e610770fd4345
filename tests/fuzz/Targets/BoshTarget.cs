using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling;
using JitsiMesh.Signalling.Bosh;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Fuzz.Tests.Targets;

/// <summary>The body of a request over BOSH, for a session that is new and for one that has logged in: nothing throws, it is read to its end, and every answer is a body.</summary>
internal sealed class BoshTarget : IFuzzTarget
{
    private const string Start = "<body rid='1573741820' xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' xmlns:stream='http://etherx.jabber.org/streams'";

    private static readonly SignallingFeatures Features = new(new SignallingOptions());
    private static readonly MonotonicTime Now = MonotonicTime.FromSeconds(1000);

    public static IReadOnlyList<byte[]> Samples { get; } =
    [
        Encoding.UTF8.GetBytes($"{Start} to='meet.jitsi' wait='60' hold='1' ver='1.6' content='text/xml; charset=utf-8' xmpp:version='1.0' xml:lang='en'/>"),
        Encoding.UTF8.GetBytes($"<?xml version='1.0'?>\n{Start} sid='s'><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/></body>"),
        Encoding.UTF8.GetBytes($"{Start} sid='s' to='meet.jitsi' xmpp:restart='true'/>"),
        Encoding.UTF8.GetBytes($"{Start} sid='s'><iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq> <presence xmlns='jabber:client' to='call@muc.meet.jitsi/ab'><x xmlns='http://jabber.org/protocol/muc'/>é👍<![CDATA[</x>]]></presence></body>\n"),
        Encoding.UTF8.GetBytes($"{Start} sid='s' type='terminate'><presence type='unavailable' xmlns='jabber:client'/></body>"),
    ];

    public static void Run(ReadOnlySpan<byte> data)
    {
        var outcome = BoshTag.TryRead(data, out var tag);
        if ((outcome == BoshTagResult.Complete) != (tag is not null)) throw new InvalidOperationException("A tag that is none.");
        if (tag is null || !data[..tag.Octets].EndsWith(tag.IsEmpty ? "/>"u8 : ">"u8)) return;
        var session = new BoshSession("", BoshLimits.Wait, 1, Now);
        var stream = new XmppStream(Features.CreateRouter(new SeededRandomSource(1)), new ClientRequest { Room = "call" }, "queue", TimeSpan.FromSeconds(60), StreamFraming.Bosh);
        var outputs = new SessionOutputs();
        var waiter = new BoshWaiter();
        session.Take(new BoshRequest(waiter, 1, tag, data.ToArray(), "meet.jitsi"), Now);
        var inputs = 0;
        while (session.TryTakeInput(stream.FrameOctets, Now, out var input))
        {
            if (++inputs > data.Length + 3) throw new InvalidOperationException("It does not end.");
            if (input.Kind == ClientInputKind.Part) stream.Handle(input.Part, new MeshInstant(Now, DateTimeOffset.UnixEpoch), outputs);
            else if (input.Kind == ClientInputKind.Frame) stream.HandleFrame(input.Text, new MeshInstant(Now, DateTimeOffset.UnixEpoch), outputs);
            else stream.Fail(input.Condition, input.Reason, new MeshInstant(Now, DateTimeOffset.UnixEpoch), outputs);
            if (outputs.Effects.OfType<DescribeHost>().Any()) stream.HostDescribed(["ANONYMOUS"], new MeshInstant(Now, DateTimeOffset.UnixEpoch), outputs);
            if (stream.IsAuthenticated) throw new InvalidOperationException("In without a login.");
            foreach (var frame in outputs.Frames) session.Send(Encoding.UTF8.GetBytes(frame.ToText("")));
            outputs.Clear();
        }

        session.Look(Now);
        session.End("item-not-found");
        if (!waiter.Answered.IsCompletedSuccessfully) throw new InvalidOperationException("No answer.");
        if (!XmppParser.TryParse(Encoding.UTF8.GetString(waiter.Answered.Result.Span), out var body, out _) || body is not { Name: "body", Namespace: Namespaces.HttpBind }) throw new InvalidOperationException("The answer is no body.");
    }
}
