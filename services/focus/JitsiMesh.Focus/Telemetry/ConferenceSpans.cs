using System.Diagnostics;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Hosting.Tracing;
using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Telemetry;

/// <summary>
/// The spans of one conference in the trace of a join: <c>conference request</c> and <c>session-accept</c> for the duration of the step, <c>invite</c> from the allocating call
/// until the session-initiate is sent, and each call to a bridge. Not thread-safe except <see cref="BeginCall"/>.
/// </summary>
internal sealed class ConferenceSpans : IDisposable
{
    private static readonly ActivitySource Source = new("JitsiMesh.Focus");

    private readonly Dictionary<string, MeshSpan> _invites = new(StringComparer.Ordinal);
    private MeshSpan? _step;
    private string? _stepParent;

    /// <summary>The span of a call, parent of the bridge's span; null when the call is not traced.</summary>
    public static MeshSpan? BeginCall(ModifyConferenceRequest request, string? parent)
    {
        var endpoint = request.Endpoints.Count > 0 ? request.Endpoints[0] : null;
        var name = request.Expire || endpoint is { Expire: true } ? "call bridge: expire" : endpoint is { Create: true } ? "call bridge: allocate" : "call bridge: update";
        return MeshSpan.Begin(Source, name, ActivityKind.Client, parent)?.About(request.MeetingId, endpoint?.Id);
    }

    /// <summary>Begins the span of an input, if it is a stanza of a traced join that has a span.</summary>
    public void BeginStep(ConferenceInput input)
    {
        if (input is not StanzaReceived { Envelope.TraceParent: { } parent } received || NameOf(received.Stanza) is not { } name) return;
        _stepParent = parent;
        _step = MeshSpan.Begin(Source, name, ActivityKind.Consumer, parent);
    }

    public void EndStep(Conference conference, ConferenceInput input)
    {
        if (_step is null) return;
        var endpoint = Jid.TryParse((input as StanzaReceived)?.Envelope.Origin?.OccupantJid, out var occupant) ? occupant.Resource : null;
        // The meeting id comes from the room, so it is known only once the conference is in the room.
        _step.About(conference.Document.Core.Phase == ConferencePhase.Active ? conference.Document.Core.MeetingId : null, endpoint).Dispose();
        _step = null;
    }

    /// <summary>The trace context for a call, or null.</summary>
    public string? ContextOf(CallBridge call)
    {
        if (call.Trace is null) return null;
        if (call.Invites is not { } nick) return call.Trace == _stepParent ? _step?.Context ?? call.Trace : call.Trace;
        End(nick, sent: false);
        if (MeshSpan.Begin(Source, "invite", ActivityKind.Internal, call.Trace) is not { } invite) return null;
        _invites[nick] = invite.About(call.Request.MeetingId, nick);
        return invite.Context;
    }

    public void End(string nick, bool sent)
    {
        if (!_invites.Remove(nick, out var invite)) return;
        if (!sent) invite.Fail("not invited");
        invite.Dispose();
    }

    /// <summary>The conference ended, or another node owns it.</summary>
    public void Dispose()
    {
        _step?.Dispose();
        foreach (var nick in _invites.Keys.ToArray()) End(nick, sent: false);
    }

    private static string? NameOf(XmppElement stanza) =>
        ConferenceRequest.Is(stanza) ? "conference request"
        : stanza.Child("jingle", JingleNamespaces.Jingle)?["action"] == "session-accept" ? "session-accept"
        : null;
}
