using System.Diagnostics;
using JitsiMesh.Hosting.Tracing;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>
/// The spans of one client's join, from its WebSocket to its session-accept: <c>join</c>, and below it <c>login</c>, <c>conference request</c>,
/// <c>room join</c> and <c>offer</c>. Each is the parent of what other services do because of it. Once the client has accepted, its stanzas are no part of
/// a trace any more.
/// </summary>
public sealed class JoinTrace : IDisposable
{
    private static readonly ActivitySource Source = new("JitsiMesh.Signalling");

    private readonly Lock _gate = new();
    private readonly MeshSpan _join;
    private readonly Dictionary<JoinStep, MeshSpan> _open = [];
    private MeshSpan? _login;
    private string? _endpoint;
    private string? _meeting;
    private bool _over;

    private JoinTrace(MeshSpan join)
    {
        _join = join;
        _login = MeshSpan.Begin(Source, "login", ActivityKind.Internal, join.Context);
    }

    /// <summary>Whether anybody collects traces in this process.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>The context of the login, for the service that decides about admission.</summary>
    public string? Login => _login?.Context;

    /// <summary>Of a WebSocket that opens; null when it is not traced.</summary>
    /// <param name="caller">The edge's context, or null.</param>
    public static JoinTrace? Begin(string? caller) => MeshSpan.BeginTrace(Source, "join", ActivityKind.Server, caller) is { } join ? new JoinTrace(join) : null;

    /// <summary>A conference request by HTTP: a trace of its own, for nothing tells whose WebSocket follows.</summary>
    public static MeshSpan? BeginRequest(string? caller) => MeshSpan.BeginTrace(Source, "conference request", ActivityKind.Server, caller);

    /// <summary>The stream is bound.</summary>
    public void LoggedIn()
    {
        lock (_gate)
        {
            _login?.Dispose();
            _login = null;
        }
    }

    /// <summary>A stanza of the client on its way to a room: begins its step, and names it as the context of what follows.</summary>
    public RoomInput Trace(RoomInput input)
    {
        lock (_gate)
        {
            if (_over) return input;
            var context = _join.Context;
            switch (JoinSteps.OfReceived(input.Stanza))
            {
                case JoinStep.RequestConference:
                    context = Open(JoinStep.RequestConference, "conference request");
                    break;
                case JoinStep.EnterRoom:
                    _endpoint = Jid.TryParse(input.Stanza["to"], out var occupant) ? occupant.Resource : null;
                    context = Open(JoinStep.EnterRoom, "room join");
                    break;
                case JoinStep.Accept:
                    context = _open.GetValueOrDefault(JoinStep.Offered)?.Context ?? context;
                    Close(JoinStep.Offered);
                    End();
                    break;
            }

            return input with { From = input.From with { Trace = context } };
        }
    }

    /// <summary>A stanza for the client. Any thread.</summary>
    public void Delivered(OutboundFrame frame)
    {
        lock (_gate)
        {
            if (_over) return;
            switch (frame.Step)
            {
                case JoinStep.ConferenceReady:
                    Close(JoinStep.RequestConference);
                    break;
                case JoinStep.RoomEntered:
                    _meeting ??= frame.MeetingId;
                    Close(JoinStep.EnterRoom);
                    break;
                case JoinStep.Offered:
                    Open(JoinStep.Offered, "offer");
                    break;
            }
        }
    }

    /// <summary>The socket has closed. What is not done by now has failed.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_over) return;
            _login?.Fail("socket closed");
            foreach (var span in _open.Values) span.Fail("socket closed");
            _join.Fail("socket closed");
            End();
        }
    }

    private string Open(JoinStep step, string name)
    {
        // A client that asks again does it anew.
        Close(step);
        if (MeshSpan.Begin(Source, name, ActivityKind.Internal, _join.Context) is not { } span) return _join.Context;
        _open[step] = span;
        return span.Context;
    }

    private void Close(JoinStep step)
    {
        if (_open.Remove(step, out var span)) span.About(_meeting, _endpoint).Dispose();
    }

    private void End()
    {
        _over = true;
        _login?.Dispose();
        foreach (var step in _open.Keys.ToArray()) Close(step);
        _join.About(_meeting, _endpoint).Dispose();
    }
}
