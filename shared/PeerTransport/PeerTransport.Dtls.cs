using JitsiMesh.Dtls;
using JitsiMesh.Primitives;
using JitsiMesh.Sctp;
using JitsiMesh.Sctp.DataChannels;
using JitsiMesh.Srtp;

namespace JitsiMesh.PeerTransport;

/// <summary>DTLS over the pair, and SCTP over DTLS.</summary>
public sealed partial class PeerTransport
{
    /// <summary>False: the channel is not open, or the association's buffer is full.</summary>
    public bool SendChannelMessage(int channelId, ReadOnlySpan<byte> utf8, bool isText, MonotonicTime now)
    {
        if (_sctp is null || DtlsState != DtlsState.Connected) return false;
        var sent = _sctp.SendMessage(channelId, utf8, isText, now);
        Pump(now);
        return sent;
    }

    /// <summary>Opens a channel; it is usable at its <see cref="PeerEvent.ChannelOpened"/>.</summary>
    /// <returns>The channel's id, or -1: SCTP is off or not up.</returns>
    public int OpenChannel(DataChannelOptions options, MonotonicTime now)
    {
        if (_sctp is null || DtlsState != DtlsState.Connected) return -1;
        var id = _sctp.OpenChannel(options, now);
        Pump(now);
        return id;
    }

    public void CloseChannel(int channelId, MonotonicTime now)
    {
        _sctp?.CloseChannel(channelId, now);
        Pump(now);
    }

    private static PeerFailure Map(DtlsFailure failure) => failure switch
    {
        DtlsFailure.Timeout => PeerFailure.DtlsTimeout,
        DtlsFailure.FingerprintMismatch => PeerFailure.DtlsFingerprintMismatch,
        DtlsFailure.FingerprintUnsupported => PeerFailure.DtlsFingerprintUnsupported,
        DtlsFailure.NoSrtpProfile => PeerFailure.DtlsNoSrtpProfile,
        DtlsFailure.Connection => PeerFailure.DtlsConnection,
        _ => PeerFailure.DtlsHandshake,
    };

    private PacketKind HandleDtls(ReadOnlySpan<byte> datagram, TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        if (!_paths.HasHeardFrom(local, remote)) return Drop(PeerDrop.DtlsFromStranger);
        if (DtlsState is DtlsState.Failed or DtlsState.Closed) return Drop(PeerDrop.DtlsAfterEnd);
        Counters.DtlsReceived++;
        if (!TryGetSelectedPair(out _, out _) && DtlsState != DtlsState.Connected)
        {
            if (!_earlyDtls.Keep(datagram)) Counters.Count(PeerDrop.EarlyDtlsFull);
            return PacketKind.None;
        }

        FeedDtls(datagram, now);
        Pump(now);
        return PacketKind.None;
    }

    private void FeedDtls(ReadOnlySpan<byte> datagram, MonotonicTime now)
    {
        // If the role is undetermined, the side that speaks first is the client.
        _dtlsRole ??= Dtls.DtlsRole.Server;
        EnsureDtls(_dtlsRole.Value).HandleDatagram(datagram, now);
    }

    private DtlsTransport EnsureDtls(DtlsRole role)
    {
        if (_dtls is not null) return _dtls;
        _dtls = new DtlsTransport(_options.DtlsCertificate, role, _options.Dtls);
        if (_remoteFingerprints is not null) _dtls.SetRemoteFingerprints(_remoteFingerprints);
        if (_options.EnableSctp)
        {
            _sctp = new SctpAssociation(
                _options.Sctp with { IsServer = _options.SctpServer, EvenChannelIds = role == Dtls.DtlsRole.Client }, _random);
        }

        return _dtls;
    }

    /// <summary>Passes output between the layers until there is none left. Runs at the end of every input except media.</summary>
    private void Pump(MonotonicTime now)
    {
        if (_disposed) return;
        _paths.Progress(now);
        StartDtls(now);
        DrainDtls(now);
        DrainSctp(now);
    }

    private void StartDtls(MonotonicTime now)
    {
        if (!TryGetSelectedPair(out _, out _)) return;
        if (_remoteFingerprints is not null && _dtlsRole is { } role) EnsureDtls(role).Start(now);
        while (_earlyDtls.TryTake(out var datagram)) FeedDtls(datagram, now);
    }

    /// <summary>Called with each local SCTP packet before encryption; for tests that attack the other side.</summary>
    public Action<ReadOnlyMemory<byte>>? SctpTap { get; set; }

    /// <summary>Sends bytes where the other side expects an SCTP packet; for tests that attack it. Before DTLS is connected nothing is sent.</summary>
    public void SendOverDtls(ReadOnlySpan<byte> data)
    {
        if (_dtls is { State: DtlsState.Connected }) _dtls.Send(data);
    }

    private void DrainDtls(MonotonicTime now)
    {
        if (_dtls is null) return;
        if (_dtls.State != _dtlsSeen) OnDtlsState(_dtls.State, now);
        while (_dtls.TryDequeueApplicationData(out var data))
        {
            if (_sctp is null) Counters.Count(PeerDrop.SctpDisabled);
            else _sctp.HandlePacket(data.Span, now);
        }
    }

    private void OnDtlsState(DtlsState state, MonotonicTime now)
    {
        _dtlsSeen = state;
        switch (state)
        {
            case DtlsState.Connected when _dtls!.KeyingMaterial is { } keys:
                Profile = (ProtectionProfile)keys.ProfileId;
                _srtp = new SrtpSession(Profile.Value, keys.LocalKey, keys.LocalSalt, keys.RemoteKey, keys.RemoteSalt);
                Raise(new PeerEvent.Connected(Profile.Value));
                if (!_options.SctpServer) _sctp?.Start(now);
                break;
            case DtlsState.Failed:
                Raise(new PeerEvent.Failed(Map(_dtls!.Failure)));
                break;
            case DtlsState.Closed:
                Raise(new PeerEvent.Failed(PeerFailure.DtlsClosedByRemote));
                break;
        }
    }

    private void DrainSctp(MonotonicTime now)
    {
        if (_sctp is null || _dtls is null) return;
        while (_sctp.TryDequeueEvent(out var sctpEvent)) OnSctp(sctpEvent);

        // Datagrams that do not fit are lost as on any network, and SCTP retransmits them.
        while (_sctp.TryDequeueTransmit(out var packet))
        {
            SctpTap?.Invoke(packet);
            _dtls.Send(packet.Span);
        }
    }

    private void OnSctp(SctpEvent sctpEvent)
    {
        switch (sctpEvent)
        {
            case AssociationUp:
                Raise(new PeerEvent.ChannelsAvailable());
                break;
            case AssociationDown:
                Raise(new PeerEvent.ChannelsLost());
                break;
            case ChannelOpened opened:
                Raise(new PeerEvent.ChannelOpened(opened.Id, opened.Label, opened.Protocol));
                break;
            case ChannelMessage message:
                Raise(new PeerEvent.ChannelMessage(message.Id, message.IsText, message.Data));
                break;
            case ChannelClosed closed:
                Raise(new PeerEvent.ChannelClosed(closed.Id));
                break;
        }
    }

    private PacketKind Drop(PeerDrop reason)
    {
        Counters.Count(reason);
        return PacketKind.Dropped;
    }
}
