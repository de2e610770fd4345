namespace JitsiMesh.Signalling.Sessions;

/// <summary>How long a frame of a client is, and how much longer it may be when it is written with literal namespaces.</summary>
/// <param name="Octets">Octets of UTF-8 as it came.</param>
/// <param name="Growth">Octets that writing adds at most (<see cref="Xmpp.XmppParser"/>).</param>
public readonly record struct FrameSize(int Octets, long Growth)
{
    /// <summary>How long it may be when it is written, so that one receiver gets no more of it than the limit with all that the server adds.</summary>
    public long Bound => (SignallingLimits.RelayedPerOctet * (long)Octets) + SignallingLimits.RelayedOctets - SignallingLimits.AddedOctets;

    /// <summary>Whether it has to be measured: hardly ever, for what clients write does not grow.</summary>
    public bool MayGrow => Octets + Growth > Bound;
}
