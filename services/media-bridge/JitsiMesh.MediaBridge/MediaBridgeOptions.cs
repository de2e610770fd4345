using System.Net;
using JitsiMesh.MediaBridge.Discovery;

namespace JitsiMesh.MediaBridge;

/// <summary>The options of a bridge.</summary>
public sealed class MediaBridgeOptions
{
    /// <summary>The bridge's name among the bridges and in colibri-ws addresses.</summary>
    public string BridgeId { get; set; } = "jvb";

    /// <summary>The one UDP port of all media; 0 lets the system choose.</summary>
    public int Port { get; set; } = 10000;

    /// <summary>The public addresses instead of (and beside) the local ones: <c>ip</c> or <c>ip#port</c> each.</summary>
    public IReadOnlyList<AdvertisedAddress> AdvertiseAddresses { get; set; } = [];

    /// <summary>STUN servers to learn the public address from, unless one is advertised; empty: none.</summary>
    public IReadOnlyList<StunServer> StunServers { get; set; } = [];

    /// <summary>The cloud whose metadata service provides the public address, unless one is advertised.</summary>
    public CloudKind Cloud { get; set; }

    /// <summary>The address of the metadata service; null: the usual one.</summary>
    public Uri? CloudService { get; set; }

    /// <summary>The TCP port for media (RFC 6544) on each bound address, 0 for one that the system chooses; null: none.</summary>
    public int? TcpPort { get; set; }

    /// <summary>A TCP port that is forwarded to <see cref="TcpPort"/> from outside and offered in addition; 0: none.</summary>
    public int TcpMappedPort { get; set; }

    /// <summary>Local addresses to bind; empty: every usable one of this machine.</summary>
    public IReadOnlyList<IPAddress> BindAddresses { get; set; } = [];

    /// <summary>Bind the loopback address too. It is used by default when there is no other.</summary>
    public bool UseLoopback { get; set; }

    public bool UseIPv6 { get; set; } = true;

    /// <summary>False: private host addresses go only to endpoints with the private-address capability.</summary>
    public bool AdvertisePrivateCandidates { get; set; } = true;

    /// <summary>scheme://host[:port] under which clients reach the edge; null: no colibri-ws address is offered.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>The pool in the bridge's reports: only focus nodes of the same pool use it.</summary>
    public string Pool { get; set; } = Contracts.Bus.BridgeStatusReported.DefaultPool;

    public string Region { get; set; } = "";

    public string Version { get; set; } = "";

    /// <summary>Whether endpoints may ask for a data channel.</summary>
    public bool EnableSctp { get; set; } = true;

    /// <summary>Bridge-wide lastN; -1 none.</summary>
    public int LastN { get; set; } = -1;

    /// <summary>False: allocate as if bandwidth were unlimited.</summary>
    public bool TrustEstimate { get; set; } = true;

    /// <summary>Caps a client's assumedBandwidthBps; 0: the client's value is ignored.</summary>
    public long AssumedBandwidthLimitBps { get; set; }

    /// <summary>The stress that focus adds for each endpoint placed between two reports.</summary>
    public double AverageParticipantStress { get; set; } = 0.01;

    /// <summary>CPU use of the media thread, of one processor, that counts as full load.</summary>
    public double FullLoadThread { get; set; } = 0.9;

    /// <summary>The lateness of the media thread that counts as full load: participants hear it.</summary>
    public TimeSpan FullLoadLag { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The CPU use of this machine, of 1, that counts as full load.</summary>
    public double FullLoadCpu { get; set; } = 0.9;

    /// <summary>New conferences are refused as overloaded from this stress of the media thread on, so that focus chooses another bridge; 0: never.</summary>
    public double RefuseAtStress { get; set; } = 1.5;

    public bool InitialDrain { get; set; }

    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Unhealthy when no address is usable from outside (only loopback).</summary>
    public bool RequireValidAddress { get; set; }

    /// <summary>Use the portable sockets even where the faster ones are available.</summary>
    public bool ForceManagedSockets { get; set; }
}

/// <param name="Address">The public address.</param>
/// <param name="Port">0: the same as the local port.</param>
public sealed record AdvertisedAddress(IPAddress Address, int Port);

/// <param name="Host">A name or an address.</param>
/// <param name="Port">Its UDP port.</param>
public sealed record StunServer(string Host, int Port)
{
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? FormattableString.Invariant($"[{Host}]:{Port}") : FormattableString.Invariant($"{Host}:{Port}");
}
