using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Sessions;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Signalling.Http;

/// <summary><c>/debug/signalling</c>: rooms and the ids of their occupants; no names, addresses or tokens.</summary>
public sealed class DebugEndpoint(PartitionOwner owner, SessionRegistry sessions, OwnQueue queue)
{
    public async Task<IResult> HandleAsync(CancellationToken cancellation)
    {
        var rooms = new List<DebugRoom>();
        foreach (var mailbox in owner.Owned)
        {
            var read = await mailbox.ReadAsync(
                partition => partition.Rooms.Values.Select(room => new DebugRoom(
                    room.Jid,
                    partition.Context.Partition,
                    room.Configuration.MeetingId,
                    room.Configuration.Password is not null,
                    room.Configuration.MembersOnly,
                    room.HeldCount,
                    [.. room.Occupants.Select(occupant => new DebugOccupant(occupant.Nick, occupant.Role, occupant.Session.Queue, occupant.NodeGoneSince is not null))])).ToList(),
                cancellation);
            if (read is not null) rooms.AddRange(read);
        }

        var handles = sessions.Sessions.ToList();
        return Results.Json(new
        {
            queue = queue.Name,
            partitions = owner.Owned.Count(),
            sessions = handles.Count,
            hibernating = handles.Count(handle => !handle.Session.IsAttached),
            rooms,
        });
    }

    private sealed record DebugRoom(string Room, int Partition, string MeetingId, bool Locked, bool MembersOnly, int Held, IReadOnlyList<DebugOccupant> Occupants);

    private sealed record DebugOccupant(string Id, string Role, string Queue, bool NodeGone);
}
