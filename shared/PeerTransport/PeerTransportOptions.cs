using JitsiMesh.Dtls;
using JitsiMesh.Ice;
using JitsiMesh.Sctp;

namespace JitsiMesh.PeerTransport;

/// <summary>The local <c>a=setup</c> attribute (RFC 8842 section 5.2).</summary>
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

    /// <summary>Timings of every agent; its role is <see cref="IceRole"/>, its credentials are used only for the first agent.</summary>
    public IceAgentOptions Ice { get; init; } = new();

    /// <summary>The owner must not dispose it before the handshake begins.</summary>
    public required DtlsCertificate DtlsCertificate { get; init; }

    public DtlsOptions Dtls { get; init; } = DtlsOptions.Default;

    public DtlsSetup Setup { get; init; } = DtlsSetup.ActPass;

    /// <summary>False: data over DTLS is dropped and counted.</summary>
    public bool EnableSctp { get; init; }

    /// <summary>True: the remote sends the INIT, as clients do towards a bridge.</summary>
    public bool SctpServer { get; init; } = true;

    /// <summary>Sizes and timers; role and stream numbering are set from the rest.</summary>
    public SctpOptions Sctp { get; init; } = new();

    /// <summary>How long a second ICE agent may take to connect before it is dropped and the first stays.</summary>
    public TimeSpan IceRestartTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the first agent still answers after the second took over, for packets that are under way.</summary>
    public TimeSpan IceRestartOverlap { get; init; } = TimeSpan.FromSeconds(3);
}
