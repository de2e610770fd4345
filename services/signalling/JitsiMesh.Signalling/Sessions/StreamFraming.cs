using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>How a stream begins and what it offers, by what carries it. All else is the same on every transport.</summary>
public abstract class StreamFraming
{
    /// <summary>One element a frame (RFC 7395 section 3.3).</summary>
    public static readonly StreamFraming WebSocket = new FrameFraming();

    /// <summary>One document for the life of the stream (RFC 6120 section 4.2).</summary>
    public static readonly StreamFraming Tcp = new DocumentFraming();

    /// <summary>Attributes of bodies in the place of a header and of an end (XEP-0206); the transport writes them.</summary>
    public static readonly StreamFraming Bosh = new BodyFraming();

    private protected StreamFraming(OutboundFrame close, XmppElement bound)
    {
        Close = close;
        BoundFeatures = OutboundFrame.Element(XmppSerializer.Write(bound));
    }

    /// <summary>The end of the stream, where sessions send <see cref="StreamFrames.Close"/>.</summary>
    public OutboundFrame Close { get; }

    /// <summary>Features after authentication.</summary>
    public OutboundFrame BoundFeatures { get; }

    /// <summary>The server's header.</summary>
    /// <param name="from">The host.</param>
    /// <param name="id">The stream's id.</param>
    public abstract OutboundFrame Open(string from, string id);

    private static XmppElement Bound(params ReadOnlySpan<XmppElement?> more) =>
        new XmppElement("features", Namespaces.Streams).Add(new XmppElement("bind", Namespaces.Bind)).Add(more).Add(new XmppElement("sm", Namespaces.StreamManagement));

    // No session: it would cost the client a round trip.
    private sealed class FrameFraming() : StreamFraming(StreamFrames.Close, Bound())
    {
        public override OutboundFrame Open(string from, string id) => OutboundFrame.Element(XmppFraming.Open(from, id));
    }

    private sealed class BodyFraming() : StreamFraming(OutboundFrame.Element(""), Bound())
    {
        public override OutboundFrame Open(string from, string id) => Close;
    }

    // Older libraries look for session (RFC 3921 section 3) and leave it out where it is optional.
    private sealed class DocumentFraming() : StreamFraming(OutboundFrame.Element(XmppFraming.StreamEnd), Bound(new XmppElement("session", Namespaces.Session).Add(new XmppElement("optional", Namespaces.Session))))
    {
        public override OutboundFrame Open(string from, string id) => OutboundFrame.Element(XmppFraming.StreamStart(from, id));
    }
}
