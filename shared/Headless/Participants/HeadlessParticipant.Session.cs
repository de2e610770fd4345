using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Headless.Participants;

public sealed partial class HeadlessParticipant
{
    /// <summary>The offer of the session in force; null without one.</summary>
    public JingleMessage? Session { get; private set; }

    /// <summary>The focus took our answer.</summary>
    public bool IsAccepted { get; private set; }

    /// <summary>The sources by their owner, if the bridge does not rewrite SSRCs. The bridge's own are under <c>jvb</c>.</summary>
    public SourceMap RemoteSources { get; private set; } = new();

    /// <summary>The number of source lists received in each encoding, including offers.</summary>
    public int JsonSourceMessages { get; private set; }

    public int XmlSourceMessages { get; private set; }

    /// <summary>Answers the offer in force.</summary>
    public void Accept(LocalMedia local)
    {
        ArgumentNullException.ThrowIfNull(local);
        if (Session is not { } offer) return;
        var focus = RoomAddress("focus");
        SendIq("set", focus, SessionAnswer.Accept(offer, local, offer.Initiator ?? focus, RoomAddress(Nick!)), "session-accept", answer =>
        {
            if (answer["type"] == "result") IsAccepted = true;
            else _events.Enqueue(new ParticipantEvent.Refused("session-accept", StanzaError.Read(answer)));
        });
    }

    public void AddSources(SourceSet sources, Action<XmppElement>? answered = null) => SendSources(JingleAction.SourceAdd, sources, answered);

    public void RemoveSources(SourceSet sources, Action<XmppElement>? answered = null) => SendSources(JingleAction.SourceRemove, sources, answered);

    /// <summary>Ends the session towards the focus.</summary>
    public void Terminate(string reason)
    {
        if (Session is not { } session) return;
        var message = JingleFormat.Format(new JingleMessage { Action = JingleAction.SessionTerminate, Sid = session.Sid, Reason = new JingleReason(reason), BridgeSession = session.BridgeSession });
        SendIq("set", RoomAddress("focus"), message, "session-terminate", static _ => { });
        Session = null;
        IsAccepted = false;
    }

    private void SendSources(JingleAction action, SourceSet sources, Action<XmppElement>? answered)
    {
        if (Session is not { } offer) return;
        var focus = RoomAddress("focus");
        SendIq("set", focus, SessionAnswer.Sources(action, offer, sources, offer.Initiator ?? focus), JingleActions.Name(action), answered);
    }

    private void OnJingle(XmppElement iq, XmppElement payload, MonotonicTime now)
    {
        if (!JingleParser.TryParse(payload, out var message, out _))
        {
            _stream.Send(Stanzas.Error(iq, StanzaError.BadRequest));
            return;
        }

        // Offers of other participants (peer to peer) and sessions that are over.
        var known = message.Action == JingleAction.SessionInitiate ? iq["from"] == RoomAddress("focus") : message.Sid == Session?.Sid;
        if (!known)
        {
            _stream.Send(Stanzas.Error(iq, StanzaError.ItemNotFound));
            return;
        }

        _stream.Send(Stanzas.Result(iq));
        switch (message.Action)
        {
            case JingleAction.SessionInitiate:
                Session = message;
                IsAccepted = false;
                OfferedAt = now;
                RemoteSources = SourcesOf(message);
                _events.Enqueue(new ParticipantEvent.Offered(message));
                break;
            case JingleAction.SourceAdd:
                var added = SourcesOf(message);
                foreach (var (owner, set) in added.Entries) RemoteSources[owner] = RemoteSources[owner].Plus(set);
                _events.Enqueue(new ParticipantEvent.SourcesAdded(added));
                break;
            case JingleAction.SourceRemove:
                var removed = SourcesOf(message);
                foreach (var (owner, set) in removed.Entries) RemoteSources[owner] = RemoteSources[owner].Minus(set);
                _events.Enqueue(new ParticipantEvent.SourcesRemoved(removed));
                break;
            case JingleAction.SessionTerminate:
                Session = null;
                IsAccepted = false;
                _events.Enqueue(new ParticipantEvent.Terminated(message.Reason));
                break;
        }
    }

    private SourceMap SourcesOf(JingleMessage message)
    {
        if (message.CompactSources is { } compact)
        {
            JsonSourceMessages++;
            return compact;
        }

        var map = new SourceMap();
        foreach (var description in message.Contents.Select(c => c.Description).OfType<RtpDescription>())
        {
            foreach (var owned in description.Sources)
            {
                var owner = Owner(owned.Owner);
                map[owner] = map[owner].Plus(new SourceSet([owned.Source], []));
            }

            // A group belongs to the owner of its first SSRC.
            foreach (var group in description.Groups)
            {
                var owner = map.Entries.FirstOrDefault(e => e.Value.Sources.Any(s => s.Ssrc == group.Ssrcs[0])).Key;
                if (owner is not null) map[owner] = map[owner].Plus(new SourceSet([], [group]));
            }
        }

        if (!map.IsEmpty) XmlSourceMessages++;
        return map;
    }

    // Endpoint id or occupant JID.
    private static string Owner(string? text) => text is null ? "" : text[(text.LastIndexOf('/') + 1)..];
}
