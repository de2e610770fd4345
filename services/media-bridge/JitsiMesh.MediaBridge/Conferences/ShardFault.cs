namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Where an exception of ours was contained. Each is counted; what it costs says <see cref="BridgeShard"/>.</summary>
internal enum ShardFault
{
    /// <summary>A datagram: its endpoint ends; a datagram that led to none is dropped.</summary>
    Datagram,

    /// <summary>What one receiver should have got: that receiver ends.</summary>
    Forward,

    /// <summary>An endpoint's own clock: it ends.</summary>
    EndpointTimer,

    /// <summary>A conference's own clock: when it repeats, the conference ends.</summary>
    ConferenceTimer,

    /// <summary>A message from or to a client on its bridge channel: that client's endpoint ends.</summary>
    Channel,

    /// <summary>One endpoint's part of a conference-modify: it ends, and focus is told which it was.</summary>
    Control,

    /// <summary>A step of an endpoint's end; the others follow all the same.</summary>
    End,

    /// <summary>A request to the shard that concerns no endpoint: who asked gets the exception.</summary>
    Command,

    /// <summary>A listener of the shard's events.</summary>
    Observer,

    /// <summary>The loop itself: sockets, timers. It waits a moment and continues.</summary>
    Loop,
}
