using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Http;

/// <summary>Waits for the one stanza that answers a request over HTTP, under an address that exists for this request alone.</summary>
internal sealed class AnswerSink : IFrameSink
{
    private readonly TaskCompletionSource<XmppElement> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<XmppElement> Answer => _answer.Task;

    public void Deliver(OutboundFrame frame) => _answer.TrySetResult(XmppParser.Parse(frame.ToText("")));
}
