using JitsiMesh.Dtls;
using JitsiMesh.Ice;
using JitsiMesh.Sctp;

namespace JitsiMesh.PeerTransport;

/// <summary>What we describe ourselves as in <c>a=setup</c> (RFC 8842 section 5.2).</summary>
public enum DtlsSetup
{
    /// <summary>The remote chooses: it answers active (we serve) or passive (we are client).</summary>
    ActPass,

    /// <summary>We are DTLS client.</summary>
    Active,

    /// <summary>We are DTLS server.</summary>
    Passive,
}

public sealed record PeerTransportOptions
{
    public IceRole IceRole { get; init; } = IceRole.Controlling;

    /// <summary>Timings of every agent; its role is <see cref="IceRole"/>, its credentials serve the first agent alone.</summary>
    public IceAgentOptions Ice { get; init; } = new();

    /// <summary>Kept alive by the owner until the handshake begins.</summary>
    public required DtlsCertificate DtlsCertificate { get; init; }

    public DtlsOptions Dtls { get; init; } = DtlsOptions.Default;

    public DtlsSetup Setup { get; init; } = DtlsSetup.ActPass;

    /// <summary>False: what comes over DTLS is thrown away and counted.</summary>
    public bool EnableSctp { get; init; }

    /// <summary>True: the remote sends the INIT, as clients do towards a bridge.</summary>
    public bool SctpServer { get; init; } = true;

    /// <summary>Sizes and timers; role and stream numbering are set from the rest.</summary>
    public SctpOptions Sctp { get; init; } = new();

    /// <summary>How long a second ICE agent may take to connect before it is dropped and the first stays.</summary>
    public TimeSpan IceRestartTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the first agent answers after the second has taken over, for the packets that are still under way.</summary>
    public TimeSpan IceRestartOverlap { get; init; } = TimeSpan.FromSeconds(3);
}
