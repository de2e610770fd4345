namespace JitsiMesh.Signalling.Muc;

/// <summary>Why an occupant is not in the room any more.</summary>
public enum LeaveReason
{
    /// <summary>It left, or closed its connection.</summary>
    Left,

    /// <summary>A moderator or an operator put it out, or its account is gone.</summary>
    Kicked,

    /// <summary>Its connection broke and did not come back in time, its node is gone, or the server closed a connection that misbehaved.</summary>
    TimedOut,

    /// <summary>The room ended while it was in.</summary>
    RoomEnded,
}
