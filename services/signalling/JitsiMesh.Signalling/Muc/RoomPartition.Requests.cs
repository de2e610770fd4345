using JitsiMesh.Contracts.Links;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Modules.WaitForHost;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Conference requests under way: their senders, and the time that focus has for each.</summary>
public sealed partial class RoomPartition
{
    private static readonly TimeSpan AskerLifetime = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, (SessionInfo Session, string? Asked, MonotonicTime Until)> _askers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string FullJid, string Id), Waiting> _unanswered = [];
    private readonly Queue<(MonotonicTime Until, Waiting Request)> _waits = new();

    private MonotonicTime WaitsDeadline => _waits.TryPeek(out var wait) ? wait.Until : MonotonicTime.Never;

    private void EndWaits(MeshInstant now, RoomOutputs outputs)
    {
        while (_waits.TryPeek(out var wait) && wait.Until <= now.Now)
        {
            _waits.Dequeue();
            GiveUp(wait.Request, outputs);
        }
    }

    /// <summary>Passes a conference request (or logout, login-url) on and keeps its sender, for the answer.</summary>
    private void AskFocus(RoomInput input, MeshInstant now, RoomOutputs outputs)
    {
        if (!Stanzas.IsRequest(input.Stanza)) return;
        if (StanzaSize.Of(input.Stanza) > SignallingLimits.FocusRequestOctets || input.Stanza["id"]?.Length > SignallingLimits.RequestIdLength)
        {
            Reply(input, StanzaError.BadRequest, outputs);
            return;
        }

        // The same rule as at the join: nobody opens, or learns of, a room that its login is not for. Focus is not asked, and the join is refused.
        // COMPAT(lib-jitsi-meet): an error here is told to people as a server that failed; after the one of the join they read that they may not enter.
        if (input.Stanza.Child("conference", Namespaces.Focus) is { } named && Jid.TryParse(input.Room, out var asked) && !MayAsk(input.From, asked))
        {
            var ready = ConferenceAnswers.Ready(named["room"] ?? input.Room, Context.Domains.FocusBareJid);
            var answer = Stanzas.Iq("result", input.Stanza["id"] ?? "", input.From.FullJid, ready, input.Stanza["to"]);
            outputs.Deliveries.Add(new RoomDelivery(input.Room, OutboundFrame.Stanza(answer), [new Recipient(input.From.FullJid, input.From.Queue)], null));
            return;
        }

        if (input.Stanza.Child("conference", Namespaces.Focus) is { } wanted && !HasReservation(input, wanted, now, outputs)) return;

        var stanza = input.Stanza.ShallowClone();
        stanza["from"] = input.From.FullJid;
        var conference = stanza.Child("conference", Namespaces.Focus);
        // The one payload that was looked at, or focus might read another.
        var payload = conference ?? stanza.Child("login-url", Namespaces.Focus) ?? stanza.Child(null);
        stanza.RemoveChildren(_ => true);
        if (payload is not null) stanza.Add(conference is null ? payload : conference.ShallowClone().Set("room", input.Room));

        _rooms.TryGetValue(input.Room, out var room);
        var occupant = room?.ByRealJid(input.From.FullJid);
        outputs.Services.Add(new ServiceDelivery(new LinkQueue(Context.FocusQueue), new StanzaEnvelope
        {
            Room = input.Room,
            Stanza = XmppSerializer.Write(stanza),
            ReplyQueue = input.From.Queue,
            TraceParent = input.From.Trace,
            Origin = input.From.ToOrigin(occupant is null ? null : $"{input.Room}/{occupant.Nick}", occupant?.Role ?? "none", room?.AffiliationOf(input.From) ?? Affiliations.None),
        }));

        // Last, so that there is nothing to undo.
        if (_askers.Count >= SignallingLimits.PendingRequests) ForgetAskers(now.Now);
        _askers[input.From.FullJid] = (input.From, input.Stanza["to"], now.Now + AskerLifetime);
        while (_waits.Count >= SignallingLimits.PendingRequests) GiveUp(_waits.Dequeue().Request, outputs);
        var waiting = new Waiting(input.Room, conference is null ? null : conference["room"] ?? input.Room, input.Stanza["id"] ?? "", input.Stanza["to"], new Recipient(input.From.FullJid, input.From.Queue));
        _unanswered[waiting.Key] = waiting;
        _waits.Enqueue((now.Now + SignallingLimits.ConferenceRequestTime, waiting));
    }

    // A breakout room is there before anybody hears of it.
    private bool MayAsk(SessionInfo session, Jid room) => Context.Domains.KindOf(room.Domain) == Routing.DomainKind.BreakoutMuc ? Find(room.ToString()) is not null : Context.Admits(session, room) is null;

    /// <summary>Focus is silent, which passes.</summary>
    private void GiveUp(Waiting request, RoomOutputs outputs)
    {
        if (!ReferenceEquals(_unanswered.GetValueOrDefault(request.Key), request)) return;
        _unanswered.Remove(request.Key);
        var answer = request.Named is { } named
            ? Stanzas.Iq("result", request.Id, request.Asker.FullJid, ConferenceAnswers.NotReady(named), request.AskedAt)
            : Stanzas.Error(Stanzas.Iq("get", request.Id, request.AskedAt, null, request.Asker.FullJid), new StanzaError(StanzaErrorType.Wait, "remote-server-timeout"));
        outputs.Deliveries.Add(new RoomDelivery(request.Room, OutboundFrame.Stanza(answer), [request.Asker], null));
    }

    /// <summary>A service's stanza to a session outside of a room: the answer to a conference request.</summary>
    private void Answer(RoomInput input, Jid to, RoomOutputs outputs)
    {
        var fullJid = to.ToString();
        SessionInfo? session = null;
        if (_askers.TryGetValue(fullJid, out var asker)) session = asker.Session;
        else if (_rooms.TryGetValue(input.Room, out var room)) session = room.ByRealJid(fullJid)?.Session;
        // The owner that passed the request on has died since.
        if (session is null && input.AskerQueue.Length > 0) session = SessionInfo.Of(to, input.AskerQueue);
        if (session is null)
        {
            Undeliverable++;
            return;
        }

        var stanza = input.Stanza.ShallowClone();
        // strophe.js takes an answer only from the address that it asked. Where focus names the asker's queue it has named that address too.
        if (stanza["from"] is null || (stanza["from"] == input.From.FullJid && input.AskerQueue.Length == 0)) stanza["from"] = asker.Asked ?? Context.Domains.FocusComponent;
        if (stanza.Child("conference", Namespaces.Focus) is { } conference && Jid.TryParse(conference["room"], out var stored))
        {
            stanza.RemoveChildren(child => child == conference);
            stanza.Add(conference.ShallowClone().Set("room", Context.Domains.ToClient(stored).ToString()));
            if (stanza["type"] == "result" && conference["identity"] is { Length: > 0 }) Find(input.Room)?.Module<WaitForHostModule>()?.Vouch(to.Bare.ToString(), outputs);
        }

        outputs.Deliveries.Add(new RoomDelivery(input.Room, OutboundFrame.Stanza(stanza), [new Recipient(session.FullJid, session.Queue)], null));
        if (input.Stanza.Name != "iq" || input.Stanza["type"] is not ("result" or "error")) return;
        _askers.Remove(fullJid);
        _unanswered.Remove((fullJid, input.Stanza["id"] ?? ""));
    }

    private void ForgetAskers(MonotonicTime now)
    {
        foreach (var (jid, _) in _askers.Where(pair => pair.Value.Until <= now).ToArray()) _askers.Remove(jid);
        if (_askers.Count < SignallingLimits.PendingRequests) return;
        _askers.Remove(_askers.MinBy(pair => pair.Value.Until.Nanoseconds).Key);
    }

    /// <summary>A request that focus has not answered: no more of it than an answer needs.</summary>
    private sealed record Waiting(string Room, string? Named, string Id, string? AskedAt, Recipient Asker)
    {
        public (string FullJid, string Id) Key => (Asker.FullJid, Id);
    }
}
