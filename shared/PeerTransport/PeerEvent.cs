using JitsiMesh.Primitives;
using JitsiMesh.Srtp;

namespace JitsiMesh.PeerTransport;

/// <summary>Why a peer cannot be reached. Those of ICE may be healed by an ICE restart; the others are final.</summary>
public enum PeerFailure
{
    None,
    IceNoValidPair,
    IceConsentExpired,
    DtlsTimeout,
    DtlsFingerprintMismatch,
    DtlsFingerprintUnsupported,
    DtlsNoSrtpProfile,
    DtlsHandshake,
    DtlsConnection,

    /// <summary>The remote sent close_notify.</summary>
    DtlsClosedByRemote,
}

public abstract record PeerEvent
{
    private PeerEvent()
    {
    }

    /// <summary>A pair is valid for the first time, or again after a restart.</summary>
    public sealed record IceConnected : PeerEvent;

    /// <summary>DTLS is done, the fingerprint matched, media flows from now on.</summary>
    public sealed record Connected(ProtectionProfile Profile) : PeerEvent;

    public sealed record SelectedPairChanged(TransportAddress Local, TransportAddress Remote) : PeerEvent;

    /// <summary>The selected pair lost its consent: nothing may be sent until <see cref="SelectedPairChanged"/>, not even during a restart.</summary>
    public sealed record PathLost : PeerEvent;

    /// <summary>Messages may be sent on the channel.</summary>
    public sealed record ChannelOpened(int Id, string Label, string Protocol) : PeerEvent;

    public sealed record ChannelMessage(int Id, bool IsText, ReadOnlyMemory<byte> Data) : PeerEvent;

    public sealed record ChannelClosed(int Id) : PeerEvent;

    /// <summary>The SCTP association is up; a client may now open channels.</summary>
    public sealed record ChannelsAvailable : PeerEvent;

    /// <summary>The SCTP association ended; media continue.</summary>
    public sealed record ChannelsLost : PeerEvent;

    /// <summary>The second agent has replaced the first.</summary>
    public sealed record IceRestarted(int Generation) : PeerEvent;

    /// <summary>The second agent did not connect in time and was removed; the first stays in use.</summary>
    public sealed record IceRestartAbandoned(int Generation) : PeerEvent;

    /// <summary>No agent answers to this ufrag any longer.</summary>
    public sealed record LocalUfragRetired(string Ufrag) : PeerEvent;

    public sealed record Failed(PeerFailure Reason) : PeerEvent;
}

/// <summary>A datagram to send from <paramref name="Local"/>, the address of one of our sockets.</summary>
public readonly record struct PeerTransmit(TransportAddress Local, TransportAddress Remote, ReadOnlyMemory<byte> Datagram);
