using System.Net;
using JitsiMesh.Headless.Media;
using JitsiMesh.Headless.Participants;

namespace JitsiMesh.Headless.Sockets;

/// <summary>Where a client connects and how it behaves.</summary>
public sealed record HeadlessClientOptions
{
    /// <summary>The XMPP WebSocket, without a query: ws or wss.</summary>
    public required Uri WebSocket { get; init; }

    public required ParticipantOptions Participant { get; init; }

    /// <summary>The media to send; id, payload types and the kind of channel are set from the room and the offer.</summary>
    public HeadlessEndpointOptions Media { get; init; } = new();

    /// <summary>The local address of media; loopback when null.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>Which candidates of the bridge's are tried.</summary>
    public MediaWays Ways { get; init; } = MediaWays.Udp;

    /// <summary>False: an offer is read but not answered, for callers that need no media.</summary>
    public bool AnswersOffers { get; init; } = true;

    /// <summary>Accept self-signed certificates.</summary>
    public bool TrustAnyCertificate { get; init; }
}

/// <summary>How media may go.</summary>
[Flags]
public enum MediaWays
{
    None = 0,
    Udp = 1,

    /// <summary>RFC 6544, to passive candidates of protocol tcp.</summary>
    Tcp = 2,

    /// <summary>Likewise of protocol ssltcp.</summary>
    SslTcp = 4,
}
