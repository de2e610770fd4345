using JitsiMesh.Srtp;

namespace JitsiMesh.PeerTransport;

/// <summary>The packet path, without allocations.</summary>
public sealed partial class PeerTransport
{
    /// <summary>Copies and encrypts in one pass. The destination needs <see cref="SrtpSession.MaxRtpOverhead"/> bytes more than the packet.</summary>
    public SrtpResult ProtectRtp(ReadOnlySpan<byte> plain, Span<byte> destination, out int written)
    {
        if (_srtp is not null) return _srtp.ProtectRtp(plain, destination, out written);
        written = 0;
        return SrtpResult.NoKeys;
    }

    /// <summary>As <see cref="ProtectRtp"/>; the destination needs <see cref="SrtpSession.MaxRtcpOverhead"/> bytes more.</summary>
    public SrtpResult ProtectRtcp(ReadOnlySpan<byte> plain, Span<byte> destination, out int written)
    {
        if (_srtp is not null) return _srtp.ProtectRtcp(plain, destination, out written);
        written = 0;
        return SrtpResult.NoKeys;
    }

    private PacketKind HandleRtp(Span<byte> datagram, out int length)
    {
        if (_srtp is null) return DropMedia(SrtpResult.NoKeys, out length);
        var result = _srtp.UnprotectRtp(datagram, datagram.Length, out length);
        if (result != SrtpResult.Ok) return DropMedia(result, out length);
        Counters.RtpReceived++;
        return PacketKind.Rtp;
    }

    private PacketKind HandleRtcp(Span<byte> datagram, out int length)
    {
        if (_srtp is null) return DropMedia(SrtpResult.NoKeys, out length);
        var result = _srtp.UnprotectRtcp(datagram, datagram.Length, out length);
        if (result != SrtpResult.Ok) return DropMedia(result, out length);
        Counters.RtcpReceived++;
        return PacketKind.Rtcp;
    }

    private PacketKind DropMedia(SrtpResult result, out int length)
    {
        length = 0;
        Counters.Count(result switch
        {
            SrtpResult.NoKeys => PeerDrop.MediaBeforeKeys,
            SrtpResult.AuthenticationFailed => PeerDrop.SrtpAuthentication,
            SrtpResult.Replayed or SrtpResult.TooOld => PeerDrop.SrtpReplayed,
            _ => PeerDrop.SrtpMalformed,
        });
        return PacketKind.Dropped;
    }
}
