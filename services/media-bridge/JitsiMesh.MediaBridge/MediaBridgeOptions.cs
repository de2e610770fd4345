using System.Net;
using JitsiMesh.MediaBridge.Discovery;

namespace JitsiMesh.MediaBridge;

/// <summary>What a bridge is told at its start.</summary>
public sealed class MediaBridgeOptions
{
    /// <summary>Its name among the bridges and in colibri-ws addresses.</summary>
    public string BridgeId { get; set; } = "jvb";

    /// <summary>The one UDP port of all media; 0 lets the system choose.</summary>
    public int Port { get; set; } = 10000;

    /// <summary>What the world sees instead of (and beside) the own addresses: <c>ip</c> or <c>ip#port</c> each.</summary>
    public IReadOnlyList<AdvertisedAddress> AdvertiseAddresses { get; set; } = [];

    /// <summary>Asked for the public address, unless one is advertised; empty: none.</summary>
    public IReadOnlyList<StunServer> StunServers { get; set; } = [];

    /// <summary>Whose metadata service is asked for the public address, unless one is advertised.</summary>
    public CloudKind Cloud { get; set; }

    /// <summary>Where that is; null: where clouds have it.</summary>
    public Uri? CloudService { get; set; }

    /// <summary>The TCP port of media (RFC 6544) on each bound address, 0 for one that the system chooses; null: none.</summary>
    public int? TcpPort { get; set; }

    /// <summary>A TCP port that leads to <see cref="TcpPort"/> from outside and is offered besides; 0: none.</summary>
    public int TcpMappedPort { get; set; }

    /// <summary>Local addresses to bind; empty: every usable one of this machine.</summary>
    public IReadOnlyList<IPAddress> BindAddresses { get; set; } = [];

    /// <summary>Bind the loopback address too. It is taken by itself when there is no other.</summary>
    public bool UseLoopback { get; set; }

    public bool UseIPv6 { get; set; } = true;

    /// <summary>False: private host addresses go only to endpoints with the private-address capability.</summary>
    public bool AdvertisePrivateCandidates { get; set; } = true;

    /// <summary>scheme://host[:port] that clients reach the edge by; null: no colibri-ws address is given out.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>The pool that it reports itself in: only focus nodes of the same pool choose it.</summary>
    public string Pool { get; set; } = Contracts.Bus.BridgeStatusReported.DefaultPool;

    public string Region { get; set; } = "";

    public string Version { get; set; } = "";

    /// <summary>Whether endpoints may ask for a data channel.</summary>
    public bool EnableSctp { get; set; } = true;

    /// <summary>Bridge-wide lastN; -1 none.</summary>
    public int LastN { get; set; } = -1;

    /// <summary>False: allocate as if bandwidth had no end.</summary>
    public bool TrustEstimate { get; set; } = true;

    /// <summary>Caps a client's assumedBandwidthBps; 0: that wish is ignored.</summary>
    public long AssumedBandwidthLimitBps { get; set; }

    /// <summary>Adds to the bridge's stress for each endpoint placed by a focus between two reports.</summary>
    public double AverageParticipantStress { get; set; } = 0.01;

    /// <summary>CPU use of the media thread, of one processor, that counts as full load.</summary>
    public double FullLoadThread { get; set; } = 0.9;

    /// <summary>How late the media thread may come to what is due until that counts as full load: people hear it.</summary>
    public TimeSpan FullLoadLag { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>CPU use of this machine, of 1, that counts as full load.</summary>
    public double FullLoadCpu { get; set; } = 0.9;

    /// <summary>From this stress of the media thread on a new conference is refused as overloaded and focus looks elsewhere; 0: never.</summary>
    public double RefuseAtStress { get; set; } = 1.5;

    public bool InitialDrain { get; set; }

    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Unhealthy when no address is usable from outside (only loopback).</summary>
    public bool RequireValidAddress { get; set; }

    /// <summary>Use the portable sockets even where the faster ones would do.</summary>
    public bool ForceManagedSockets { get; set; }
}

/// <param name="Address">What the world sees.</param>
/// <param name="Port">0: the same as the local port.</param>
public sealed record AdvertisedAddress(IPAddress Address, int Port);

/// <param name="Host">A name or an address.</param>
/// <param name="Port">Its UDP port.</param>
public sealed record StunServer(string Host, int Port)
{
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? FormattableString.Invariant($"[{Host}]:{Port}") : FormattableString.Invariant($"{Host}:{Port}");
}
