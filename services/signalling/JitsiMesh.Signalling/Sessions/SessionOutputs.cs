using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>What a stream asks its surroundings to do; in order with each other, after the frames of the same input.</summary>
public abstract record StreamEffect;

/// <summary>Find the mechanisms of a host and call <see cref="XmppStream.HostDescribed"/>.</summary>
public sealed record DescribeHost(string Host) : StreamEffect;

/// <summary>Ask for admission and call <see cref="XmppStream.Admitted"/>.</summary>
public sealed record Admit(AdmissionRequest Request, string? PreviousId) : StreamEffect;

/// <summary>A session began: register it.</summary>
public sealed record SessionBound(XmppSession Session) : StreamEffect;

/// <summary>The session may be resumed under this id from now on.</summary>
public sealed record SessionResumable(XmppSession Session, string ResumeId) : StreamEffect;

/// <summary>Find the session with this id and call <see cref="XmppStream.Resume"/> or <see cref="XmppStream.ResumeFailed"/>.</summary>
public sealed record FindSession(string PreviousId, uint Handled) : StreamEffect;

/// <summary>A stanza for a room's owner.</summary>
public sealed record ToRoom(RoomInput Input) : StreamEffect;

/// <summary>A stanza was refused at its acceptance: counted under the reason.</summary>
public sealed record StanzaRefused(string Reason) : StreamEffect;

/// <summary>A stanza made the session fail: logged and counted. Its sender has an error already.</summary>
/// <param name="Exception">What failed.</param>
/// <param name="Session">The session's resource, a random name.</param>
public sealed record StanzaFailed(Exception Exception, string Session) : StreamEffect;

/// <summary>Close the socket after the frames; the session itself may live on.</summary>
public sealed record CloseSocket(SessionEndReason Reason) : StreamEffect;

/// <summary>The session ended: forget it. Its leaves are among the effects before.</summary>
public sealed record SessionEnded(XmppSession Session, SessionEndReason Reason) : StreamEffect;

/// <summary>The frames and effects of one input; its owner reuses it.</summary>
public sealed class SessionOutputs
{
    public List<OutboundFrame> Frames { get; } = [];

    public List<StreamEffect> Effects { get; } = [];

    public void Send(OutboundFrame frame) => Frames.Add(frame);

    public void Send(XmppElement element) => Frames.Add(OutboundFrame.Element(XmppSerializer.Write(element)));

    public void Do(StreamEffect effect) => Effects.Add(effect);

    public void Clear()
    {
        Frames.Clear();
        Effects.Clear();
    }
}
