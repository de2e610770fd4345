using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Modules.Reservation;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Conference requests for rooms that need a reservation: the first one makes the room, which then waits for the answer of the reservation system.</summary>
public sealed partial class RoomPartition
{
    private readonly Dictionary<string, (StanzaError Error, MonotonicTime Until)> _refusals = new(StringComparer.Ordinal);

    public void RefuseReservation(string room, StanzaError error, MonotonicTime until)
    {
        if (_refusals.Count >= SignallingLimits.RefusedReservations) _refusals.Remove(_refusals.MinBy(pair => pair.Value.Until.Nanoseconds).Key);
        _refusals[room] = (error, until);
    }

    /// <summary>Whether a reservation that has ended is still over: an end that could not be told at once must not end what its room has begun since.</summary>
    public EndedReservationStanding StandingOf(ReservationCall ended) => Find(ended.Room)?.Module<ReservationModule>()?.StandingOf(ended.EndedId ?? "") ?? EndedReservationStanding.Over;

    /// <summary>Whether a conference request may go to focus now. Otherwise it waits in the room, or is answered.</summary>
    private bool HasReservation(RoomInput input, XmppElement named, MeshInstant now, RoomOutputs outputs)
    {
        if (!Context.Options.Reservations || !Jid.TryParse(input.Room, out var address) || ReservationModule.IsExempt(address) || Context.Domains.KindOf(address.Domain) == Routing.DomainKind.BreakoutMuc) return true;
        if (_refusals.TryGetValue(input.Room, out var refused))
        {
            if (refused.Until > now.Now)
            {
                Reply(input, refused.Error, outputs);
                return false;
            }

            _refusals.Remove(input.Room);
        }

        if (!_rooms.TryGetValue(input.Room, out var room))
        {
            if (_rooms.Values.Count(one => one.Module<ReservationModule>()?.IsAsking == true) >= SignallingLimits.AskedReservations)
            {
                NotReady(input, named, "too-many-reservations", outputs);
                return false;
            }

            room = new Room(Context, address, Context.Random.NextUuid());
            _rooms.Add(input.Room, room);
            room.Begin(outputs);
        }

        Aim(room);
        var answer = room.Module<ReservationModule>()!.Ask(input, now, outputs);
        if (answer.Error is { } error) Reply(input, error, outputs);
        else if (answer.IsBusy) NotReady(input, named, "too-many-waiting", outputs);
        return answer.MayGoOn;
    }

    private void NotReady(RoomInput input, XmppElement named, string reason, RoomOutputs outputs)
    {
        outputs.Refused.Add(reason);
        var answer = Stanzas.Iq("result", input.Stanza["id"] ?? "", input.From.FullJid, ConferenceAnswers.NotReady(named["room"] ?? input.Room), input.Stanza["to"]);
        outputs.Deliveries.Add(new RoomDelivery(input.Room, OutboundFrame.Stanza(answer), [new Recipient(input.From.FullJid, input.From.Queue)], null));
    }
}
