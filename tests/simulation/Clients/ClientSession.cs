using System.Globalization;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Simulation.Tests.Nodes;
using JitsiMesh.Simulation.Tests.Runs;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Simulation.Tests.Clients;

/// <summary>
/// One bound session of a client on one node: the real session of signalling on one side, the client's state on the other. Its parts:
/// the stream, the room, the call.
/// </summary>
public sealed partial class ClientSession : IFrameSink
{
    private readonly SimulatedClient _client;
    private readonly SimulatedMesh _mesh;
    private readonly XmppSession _session;
    private readonly SessionOutputs _outputs = new();
    private readonly Dictionary<string, Action<XmppElement>> _asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _answered = new(StringComparer.Ordinal);
    private readonly HashSet<string> _requested = new(StringComparer.Ordinal);
    private TimeSpan _lastArrival;
    private int _lastId;

    public ClientSession(SimulatedClient client, string nick, SimulatedSignalling node, SimulatedMesh mesh)
    {
        _client = client;
        _mesh = mesh;
        Nick = nick;
        Node = node;
        FullJid = $"{nick}@{SimulatedMesh.Domain}/r";
        _session = new XmppSession(SessionInfo.Of(Jid.Parse(FullJid), node.Queue.Name), node.Router, TimeSpan.FromSeconds(60));
        node.Sessions.TryAdd(FullJid, this);
        OwnSources.Add(new OwnSource(client.NewSsrc(), $"{nick}-a0", Jingle.MediaKind.Audio, Jingle.VideoType.Camera));
        OwnSources.Add(new OwnSource(client.NewSsrc(), $"{nick}-v0", Jingle.MediaKind.Video, Jingle.VideoType.Camera));
    }

    public string Nick { get; }

    public string FullJid { get; }

    public SimulatedSignalling Node { get; }

    public bool IsLive { get; set; } = true;

    public string Room => _client.Room;

    /// <summary>Unanswered requests.</summary>
    public IReadOnlyCollection<string> Unanswered => _asked.Keys;

    /// <summary>From the node to the client: a WebSocket, in order and without loss as long as the node lives.</summary>
    public void Deliver(OutboundFrame frame)
    {
        _session.Deliver(frame, Node.Now, _outputs);
        Flush();
    }

    private void Send(XmppElement stanza)
    {
        if (!IsLive) return;
        _mesh.Scheduler.Note(() => $"{Nick} says {(stanza.ToString() is { Length: > 170 } text ? text[..170] + "…" : stanza.ToString())}");
        _session.Handle(stanza, default, Node.Now, _outputs);
        Flush();
    }

    private void Request(string to, string type, XmppElement payload, string what, Action<XmppElement>? answered = null)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{what}-{++_lastId}");
        _asked[id] = answered ?? (_ => { });
        Send(Stanzas.Iq(type, id, to, payload));
    }

    private void Flush()
    {
        OutboundFrame[] frames = [.. _outputs.Frames];
        StreamEffect[] effects = [.. _outputs.Effects];
        _outputs.Clear();
        foreach (var frame in frames)
        {
            var text = frame.ToText(_session.EscapedJid);
            _lastArrival = TimeSpan.FromTicks(Math.Max(_lastArrival.Ticks, (_mesh.Scheduler.Time.Elapsed + _mesh.Scheduler.Milliseconds(0.2, 3)).Ticks));
            _mesh.Scheduler.After(_lastArrival - _mesh.Scheduler.Time.Elapsed, () => Receive(text));
        }

        foreach (var effect in effects)
        {
            if (effect is ToRoom toRoom) Node.Post(toRoom.Input);
        }
    }

    private void Receive(string text)
    {
        if (!IsLive) return;
        if (!XmppParser.TryParse(text, out var stanza, out _)) throw new InvariantException($"{Nick} got a frame that cannot be read: {text}");
        switch (stanza.Name)
        {
            case "iq" when stanza["type"] is "result" or "error":
                ReceiveAnswer(stanza);
                break;
            case "iq":
                if (!_requested.Add($"{stanza["from"]} {stanza["id"]}")) throw new InvariantException($"{Nick} got a request twice: {text}");
                ReceiveRequest(stanza);
                break;
            case "presence":
                ReceivePresence(stanza);
                break;
            case "message":
                ReceiveMessage(stanza);
                break;
        }
    }

    private void ReceiveAnswer(XmppElement stanza)
    {
        var id = stanza["id"]!;
        if (_asked.Remove(id, out var answered))
        {
            _answered.Add(id);
            answered(stanza);
        }
        else if (_answered.Contains(id))
        {
            throw new InvariantException($"{Nick} got an answer twice: {stanza}");
        }
    }

    private void After(double from, double to, Action action) => _mesh.Scheduler.After(_mesh.Scheduler.Milliseconds(from, to), () =>
    {
        if (IsLive) action();
    });
}
