namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Where an exception was contained. Each is counted; <see cref="BridgeShard"/> describes the consequences.</summary>
internal enum ShardFault
{
    /// <summary>A datagram: its endpoint ends; a datagram that matched no endpoint is dropped.</summary>
    Datagram,

    /// <summary>The output for one receiver: that receiver ends.</summary>
    Forward,

    /// <summary>An endpoint's timer: the endpoint ends.</summary>
    EndpointTimer,

    /// <summary>A conference's timer: the conference ends when this repeats.</summary>
    ConferenceTimer,

    /// <summary>A message from or to a client on its bridge channel: that client's endpoint ends.</summary>
    Channel,

    /// <summary>One endpoint's part of a conference-modify: the endpoint ends, and the answer to focus names it.</summary>
    Control,

    /// <summary>A step of an endpoint's end; the other steps still run.</summary>
    End,

    /// <summary>A request to the shard that concerns no endpoint: the caller gets the exception.</summary>
    Command,

    /// <summary>An observer of the shard's events.</summary>
    Observer,

    /// <summary>The loop itself: sockets, timers. It pauses for a moment and continues.</summary>
    Loop,
}
