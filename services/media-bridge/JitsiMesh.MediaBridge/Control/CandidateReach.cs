namespace JitsiMesh.MediaBridge.Control;

/// <summary>From where clients can reach a bridge, by the addresses that it offers them. What a firewall in between does is another matter.</summary>
internal enum CandidateReach
{
    /// <summary>No address is offered.</summary>
    Nowhere,

    /// <summary>Only loopback addresses are offered.</summary>
    ThisMachine,

    /// <summary>Only private addresses are offered (RFC 1918, RFC 6598, link-local, unique local): those of a container or of a network behind NAT.</summary>
    OwnNetwork,

    /// <summary>A public address is offered.</summary>
    Anywhere,
}

internal static class CandidateReachText
{
    /// <summary>For the line at the start: what it means, and what to do.</summary>
    public static string Describe(this CandidateReach reach) => reach switch
    {
        CandidateReach.Anywhere => "anywhere that no firewall keeps out, since a public address is offered",
        CandidateReach.OwnNetwork => "its own network alone, since only private addresses are offered; set JVB_ADVERTISE_IPS for clients elsewhere",
        CandidateReach.ThisMachine => "this machine alone, since only loopback addresses are offered; set JVB_ADVERTISE_IPS for clients elsewhere",
        _ => "nowhere, since no address is offered; set JVB_ADVERTISE_IPS",
    };
}
