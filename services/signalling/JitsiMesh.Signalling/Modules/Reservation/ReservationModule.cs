using System.Text.Json;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Reservations;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.Reservation;

/// <summary>
/// A room that opens only with a reservation (mod_reservations). The room is made by the first conference request and waits, empty, for the answer of the reservation system; the requests
/// wait in it and go to focus once it is granted. Until then nobody enters, focus neither. It ends with its reservation, and the reservation with it.
/// </summary>
public sealed class ReservationModule(Room room) : RoomModule(room)
{
    /// <summary>What occupants are told when the time is over.</summary>
    public const string Exceeded = "Scheduled conference duration exceeded.";

    // Not in the record: a reader of the store must not be able to use a session id. With another owner the client asks again with it.
    private readonly Dictionary<string, string> _sessionIds = new(StringComparer.Ordinal);

    private ReservationRecord _record = ReservationRecord.Unasked;
    private MonotonicTime _deadline = MonotonicTime.Never;
    private MonotonicTime? _unusedUntil;
    private bool _resumed;

    public override string Name => "reservation";

    public override bool Keeps => _record.Phase == ReservationPhase.Asking || _record is { Phase: ReservationPhase.Granted, Used: false };

    public override MonotonicTime Deadline => _deadline;

    /// <summary>Waits for the reservation system.</summary>
    public bool IsAsking => _record.Phase == ReservationPhase.Asking;

    /// <summary>Of an earlier opening's reservation.</summary>
    public EndedReservationStanding StandingOf(string id) => _record.Phase switch
    {
        ReservationPhase.Asking => EndedReservationStanding.Undecided,
        ReservationPhase.Granted when _record.Id == id => EndedReservationStanding.InUse,
        _ => EndedReservationStanding.Over,
    };

    /// <summary>Rooms with which focus looks after itself.</summary>
    public static bool IsExempt(Jid room) => room.Local?.StartsWith("__jicofo-health-check", StringComparison.Ordinal) == true;

    /// <summary>A conference request: the first one asks the reservation system, others wait with it.</summary>
    public ReservationAnswer Ask(RoomInput request, MeshInstant now, RoomOutputs outputs)
    {
        switch (_record.Phase)
        {
            case ReservationPhase.Granted when _record.Ends <= now.Utc:
                return new ReservationAnswer(false, ReservationReply.Expired.ToError());
            case ReservationPhase.Granted:
                _unusedUntil = now.Now + SignallingLimits.UnusedReservationTime;
                Schedule(now);
                return new ReservationAnswer(true);
            case ReservationPhase.None when !Room.IsEmpty:
                return new ReservationAnswer(true);
            case ReservationPhase.None:
                _record = new ReservationRecord { Phase = ReservationPhase.Asking, Attempt = Room.Context.Random.NextHex(16), MailOwner = request.From.BareJid, Asked = now.Utc };
                Call(now, outputs);
                break;
        }

        // The last request of a session counts: it is what its client waits for.
        var others = _record.Waiting.Where(one => one.Origin?.RealJid != request.From.FullJid).ToList();
        var conference = request.Stanza.Child("conference", Namespaces.Focus);
        var sessionId = conference?["session-id"];
        if (sessionId is not null) conference!["session-id"] = null;
        var envelope = request.ToEnvelope();
        if (sessionId is not null) conference!["session-id"] = sessionId;
        if (others.Count >= SignallingLimits.WaitingForReservation || (others.Count > 0 && others.Sum(one => (long)one.Stanza.Length) + envelope.Stanza.Length > SignallingLimits.WaitingForReservationOctets)) return new ReservationAnswer(false, IsBusy: true);
        if (sessionId is not null) _sessionIds[request.From.FullJid] = sessionId;
        else _sessionIds.Remove(request.From.FullJid);
        Keep(_record with { Waiting = [.. others, envelope] }, outputs);
        return new ReservationAnswer(false);
    }

    public override StanzaError? Joining(SessionInfo session, string nick, XmppElement presence)
    {
        if (IsExempt(Room.Address)) return null;
        if (_record.Phase == ReservationPhase.Asking || (_record.Phase == ReservationPhase.None && Room.IsEmpty)) return StanzaError.NotAllowed.WithText(Room.CreationRestricted);
        if (_record.MaximumOccupants == 0 || Room.IsAdmin(session) || Room.IsHidden(session)) return null;
        return Room.Occupants.Count(one => !Room.IsAdmin(one.Session) && !Room.IsHidden(one.Session)) >= _record.MaximumOccupants ? StanzaError.ServiceUnavailable : null;
    }

    public override void Joined(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        if (_record is not { Phase: ReservationPhase.Granted, Used: false }) return;
        Keep(_record with { Used = true }, outputs);
        Schedule(now);
    }

    /// <summary>The answer of the reservation system.</summary>
    public override RoomAnswer? Serve(SessionInfo from, XmppElement request, MeshInstant now, RoomOutputs outputs)
    {
        if (request.Name != ReservationReply.Element || request.Namespace != ReservationReply.Namespace) return null;
        if (from.Jid.Local != ReservationReply.Sender || _record.Phase != ReservationPhase.Asking || request["attempt"] != _record.Attempt) return RoomAnswer.Refused(StanzaError.ItemNotFound);
        var reply = ReservationReply.FromElement(request);
        if (reply.IsGranted && reply.Ends <= now.Utc)
        {
            // What was made for nothing is given back.
            outputs.Calls.Add(new ReservationCall(Room.Jid, _record.Attempt, _record.MailOwner, _record.Asked, reply.Id));
            reply = ReservationReply.Expired;
        }

        if (reply.IsGranted) Grant(reply, now, outputs);
        else Refuse(reply, now, outputs);
        return RoomAnswer.Done;
    }

    public override void Over(MeshInstant now, RoomOutputs outputs)
    {
        var record = _record;
        _record = ReservationRecord.Unasked;
        if (record.Phase == ReservationPhase.Granted) outputs.Calls.Add(new ReservationCall(Room.Jid, record.Attempt, record.MailOwner, record.Asked, record.Id));
        // Ended by an operator before there was an answer: who waits asks again.
        Release(record.Waiting, outputs);
    }

    public override void Tick(MeshInstant now, RoomOutputs outputs)
    {
        switch (_record.Phase)
        {
            case ReservationPhase.Asking when _resumed:
                // Nobody knows what became of the call of the owner before. A reservation that was made meanwhile is found by its conflict.
                _resumed = false;
                Call(now, outputs);
                break;
            case ReservationPhase.Asking when now.Now >= _deadline:
                Refuse(ReservationReply.TimedOut, now, outputs);
                break;
            case ReservationPhase.Granted when _record.Ends <= now.Utc:
                Room.Destroy(Exceeded, null, now, outputs);
                break;
            case ReservationPhase.Granted when !_record.Used && _unusedUntil <= now.Now:
                Room.Destroy(null, null, now, outputs);
                break;
            case ReservationPhase.Granted:
                _unusedUntil ??= now.Now + SignallingLimits.UnusedReservationTime;
                Schedule(now);
                break;
            default:
                _deadline = MonotonicTime.Never;
                break;
        }
    }

    public override byte[]? Save() => _record.Phase == ReservationPhase.None ? null : JsonSerializer.SerializeToUtf8Bytes(_record, JsonText.Options);

    public override void Load(ReadOnlySpan<byte> state)
    {
        _record = JsonSerializer.Deserialize<ReservationRecord>(state) ?? ReservationRecord.Unasked;
        _resumed = _record.Phase == ReservationPhase.Asking;
        _deadline = MonotonicTime.Zero;
    }

    private void Grant(ReservationReply reply, MeshInstant now, RoomOutputs outputs)
    {
        var waiting = _record.Waiting;
        Keep(_record with { Phase = ReservationPhase.Granted, Waiting = [], Id = reply.Id, Ends = reply.Ends, MaximumOccupants = reply.MaximumOccupants }, outputs);
        _unusedUntil = now.Now + SignallingLimits.UnusedReservationTime;
        Schedule(now);
        if (reply.Password.Length > 0) Room.Lock(reply.Password, outputs);
        if (reply.HasLobby && Room.Context.Options.Lobby) Room.OpenLobby(waitsForHost: false, outputs);
        Release(waiting, outputs);
    }

    private void Refuse(ReservationReply reply, MeshInstant now, RoomOutputs outputs)
    {
        var waiting = _record.Waiting;
        _record = ReservationRecord.Unasked;
        _deadline = MonotonicTime.Never;
        Room.Context.Rooms?.RefuseReservation(Room.Jid, reply.ToError(), now.Now + SignallingLimits.RefusedReservationTime);
        Room.Destroy(null, null, now, outputs);
        Release(waiting, outputs);
    }

    /// <summary>The requests are handled anew, now that there is an answer.</summary>
    private void Release(IReadOnlyList<StanzaEnvelope> waiting, RoomOutputs outputs)
    {
        foreach (var envelope in waiting)
        {
            if (LinkInput.FromEnvelope(envelope, Room.Context.Domains, Room.Context.FocusQueue) is not { } request) continue;
            if (_sessionIds.Remove(request.From.FullJid, out var sessionId) && request.Stanza.Child("conference", Namespaces.Focus) is { } conference) conference["session-id"] = sessionId;
            outputs.Released.Add(request);
        }

        _sessionIds.Clear();
    }

    private void Call(MeshInstant now, RoomOutputs outputs)
    {
        outputs.Calls.Add(new ReservationCall(Room.Jid, _record.Attempt, _record.MailOwner, _record.Asked));
        _deadline = now.Now + Room.Context.Options.ReservationTime;
    }

    private void Keep(ReservationRecord record, RoomOutputs outputs)
    {
        _record = record;
        Room.MarkModule(this, outputs);
    }

    private void Schedule(MeshInstant now)
    {
        // Looked at again within the hour in any case: the wall clock may be set.
        var left = _record.Ends - now.Utc;
        var wait = left < TimeSpan.Zero ? TimeSpan.Zero : left < SignallingLimits.ReservationLook ? left : SignallingLimits.ReservationLook;
        _deadline = now.Now + wait;
        if (!_record.Used && _unusedUntil is { } unused) _deadline = MonotonicTime.Min(_deadline, unused);
    }
}
