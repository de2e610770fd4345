namespace JitsiMesh.Sctp;

public sealed record SctpOptions
{
    /// <summary>A server answers an INIT; a client sends one. Both may do both (simultaneous open).</summary>
    public bool IsServer { get; init; }

    public ushort LocalPort { get; init; } = 5000;

    public ushort RemotePort { get; init; } = 5000;

    /// <summary>The largest message sent or delivered, in bytes; max-message-size in SDP. A larger received one is dropped and counted.</summary>
    public int MaxMessageSize { get; init; } = 256 * 1024;

    /// <summary>Bytes received and not yet taken by the owner, including fragments of incomplete messages (a_rwnd).</summary>
    public int ReceiveWindow { get; init; } = 1 << 20;

    /// <summary>Bytes accepted for sending and not yet acknowledged; beyond it <see cref="SctpAssociation.SendMessage"/> returns false.</summary>
    public int SendBuffer { get; init; } = 2 << 20;

    /// <summary>Channels open at a time, both sides' together; an OPEN beyond it is answered with a reset of its stream.</summary>
    public int MaxChannels { get; init; } = 16;

    /// <summary>RFC 8832 section 6: the DTLS client opens even stream numbers, the DTLS server odd ones.</summary>
    public bool EvenChannelIds { get; init; }

    /// <summary>RFC 9260 has 1 s; inside WebRTC the path is already known to be alive.</summary>
    public TimeSpan InitialRto { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Must exceed the peer's delayed acknowledgement (200 ms) and its round trip.</summary>
    public TimeSpan MinRto { get; init; } = TimeSpan.FromMilliseconds(400);

    public TimeSpan MaxRto { get; init; } = TimeSpan.FromSeconds(3);

    public TimeSpan DelayedAcknowledgement { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A cookie echoed later than this is stale (RFC 9260 Valid.Cookie.Life).</summary>
    public TimeSpan CookieLifetime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The pause between heartbeats of an idle association; none when null.</summary>
    public TimeSpan? HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Consecutive time-outs after which the association is given up; never when null: ICE consent tells whether the peer is alive.</summary>
    public int? MaxRetransmissions { get; init; }
}
