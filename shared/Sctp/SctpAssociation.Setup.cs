using System.Buffers.Binary;
using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Receiving;
using JitsiMesh.Sctp.Sending;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp;

/// <summary>The four-way handshake (RFC 9260 section 5.1), simultaneous open and restart (section 5.2).</summary>
public sealed partial class SctpAssociation
{
    private MonotonicTime _t1 = MonotonicTime.Never;
    private int _t1Expirations;
    private int _staleCookies;
    private uint _localInitialTsn;
    private byte[]? _cookieEcho;
    private int _outboundStreams;
    private bool _peerTakesReconfig;
    private bool _peerTakesForwardTsn;

    /// <summary>A client sends its INIT. A server has nothing to do: it keeps no state before the COOKIE ECHO.</summary>
    public void Start(MonotonicTime now)
    {
        if (_options.IsServer || State != SctpState.Closed) return;
        _staleCookies = 0;
        BeginInit(now);
        Flush(now);
    }

    private void BeginInit(MonotonicTime now)
    {
        _localTag = NewTag();
        _localInitialTsn = _random.NextUInt32();
        _peerTag = 0;
        _sender = null;
        _receiver = null;
        _t1Expirations = 0;
        State = SctpState.CookieWait;
        SendInit(now);
    }

    private void SendInit(MonotonicTime now)
    {
        SendAlone(LocalInit(_localTag, _localInitialTsn).Format(ChunkType.Init), 0);
        _t1 = now + _rto.Current;
    }

    private InitChunk LocalInit(uint tag, uint initialTsn) => new()
    {
        InitiateTag = tag,
        ReceiverWindow = (uint)_options.ReceiveWindow,
        OutboundStreams = SctpLimits.MaxStreams,
        InboundStreams = SctpLimits.MaxStreams,
        InitialTsn = initialTsn,
        SupportsForwardTsn = true,
        SupportsReconfig = true,
    };

    private uint NewTag()
    {
        uint tag;
        do tag = _random.NextUInt32();
        while (tag == 0);
        return tag;
    }

    private void HandleInit(TypedValue chunk, MonotonicTime now)
    {
        if (!InitChunk.TryParse(chunk, out var init) || init.InitiateTag == 0)
        {
            Counters.Count(SctpDrop.MalformedChunk);
            return;
        }

        if (init.OutboundStreams == 0 || init.InboundStreams == 0)
        {
            SendAlone(ChunkWriter.WithCause(ChunkType.Abort, 0, ErrorCause.InvalidMandatoryParameter, []), init.InitiateTag);
            return;
        }

        if (State == SctpState.ShutdownAckSent)
        {
            // RFC 9260 section 9.2: our SHUTDOWN ACK got lost; the INIT is answered when that is done.
            SendControl(ChunkWriter.Chunk(ChunkType.ShutdownAck, 0, []));
            return;
        }

        // RFC 9260 section 5.2.1: while our own INIT is under way the answer carries the same tag; section 5.2.2: otherwise a new one.
        var opening = State is SctpState.CookieWait or SctpState.CookieEchoed;
        var localTag = opening ? _localTag : NewTag();
        var localInitialTsn = opening ? _localInitialTsn : _random.NextUInt32();
        var cookie = new StateCookie
        {
            CreatedAt = now,
            LocalTag = localTag,
            PeerTag = init.InitiateTag,
            LocalInitialTsn = localInitialTsn,
            PeerInitialTsn = init.InitialTsn,
            PeerReceiverWindow = init.ReceiverWindow,
            OutboundStreams = init.OutboundStreams,
            InboundStreams = init.InboundStreams,
            SupportsForwardTsn = init.SupportsForwardTsn,
            SupportsReconfig = init.SupportsReconfig,
            LocalTieTag = HasAssociation ? _localTag : 0,
            PeerTieTag = HasAssociation ? _peerTag : 0,
        };
        var answer = LocalInit(localTag, localInitialTsn) with { StateCookie = cookie.Seal(_cookieKey), Unrecognized = init.Unrecognized };
        var bytes = answer.Format(ChunkType.InitAck);
        if (bytes.Length > SctpLimits.MaxPacket - PacketHeader.Length) bytes = (answer with { Unrecognized = [] }).Format(ChunkType.InitAck);
        SendAlone(bytes, init.InitiateTag);
    }

    private void HandleInitAck(TypedValue chunk, MonotonicTime now)
    {
        if (State != SctpState.CookieWait)
        {
            Counters.Count(SctpDrop.UnexpectedChunk);
            return;
        }

        if (!InitChunk.TryParse(chunk, out var init) || init.InitiateTag == 0 || init.StateCookie is not { Length: > 0 and <= SctpLimits.MaxCookie } cookie)
        {
            Counters.Count(SctpDrop.MalformedChunk);
            return;
        }

        if (init.OutboundStreams == 0 || init.InboundStreams == 0)
        {
            _peerTag = init.InitiateTag;
            AbortWith(ErrorCause.InvalidMandatoryParameter, SctpDownReason.ProtocolViolation);
            return;
        }

        Build(init.InitiateTag, init.InitialTsn, init.ReceiverWindow, init.InboundStreams, init.SupportsForwardTsn, init.SupportsReconfig);
        State = SctpState.CookieEchoed;
        _cookieEcho = ChunkWriter.Chunk(ChunkType.CookieEcho, 0, cookie);
        _t1Expirations = 0;
        SendControl(_cookieEcho);
        _t1 = now + _rto.Current;
    }

    private void HandleCookieEcho(uint tag, TypedValue chunk, MonotonicTime now)
    {
        if (!StateCookie.TryOpen(chunk.Value, _cookieKey, out var cookie))
        {
            Counters.Count(SctpDrop.BadCookie);
            return;
        }

        if (tag != cookie.LocalTag)
        {
            Counters.Count(SctpDrop.WrongVerificationTag);
            return;
        }

        var sameLocal = State != SctpState.Closed && cookie.LocalTag == _localTag;
        var samePeer = State != SctpState.Closed && cookie.PeerTag == _peerTag;
        var age = now - cookie.CreatedAt;
        if (age > _options.CookieLifetime && !(sameLocal && samePeer))
        {
            Counters.Count(SctpDrop.StaleCookie);
            Span<byte> staleness = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(staleness, (uint)Math.Min(uint.MaxValue, (age - _options.CookieLifetime).TotalMicroseconds));
            SendAlone(ChunkWriter.WithCause(ChunkType.Error, 0, ErrorCause.StaleCookie, staleness), cookie.PeerTag);
            return;
        }

        // RFC 9260 section 5.2.4, table 12.
        switch (State)
        {
            case SctpState.Closed:
                Accept(cookie);
                Establish(now);
                break;
            case SctpState.CookieWait or SctpState.CookieEchoed when sameLocal && !samePeer: // B
                Accept(cookie);
                Establish(now);
                break;
            case SctpState.CookieEchoed when sameLocal && samePeer: // D
                Establish(now);
                break;
            case not (SctpState.CookieWait or SctpState.CookieEchoed) when sameLocal && samePeer: // D: our COOKIE ACK got lost
                break;
            case not SctpState.CookieWait when !sameLocal && !samePeer && cookie.LocalTieTag == _localTag && cookie.PeerTieTag == _peerTag: // A
                CloseAllChannels();
                _control.Clear();
                _t2 = MonotonicTime.Never;
                _rto = new RetransmissionTimeout(_options);
                Accept(cookie);
                Establish(now);
                break;
            default: // C, and whatever the table does not have
                Counters.Count(SctpDrop.UnexpectedChunk);
                return;
        }

        SendControl(ChunkWriter.Chunk(ChunkType.CookieAck, 0, []));
    }

    private void Accept(StateCookie cookie)
    {
        _localTag = cookie.LocalTag;
        _localInitialTsn = cookie.LocalInitialTsn;
        Build(cookie.PeerTag, cookie.PeerInitialTsn, cookie.PeerReceiverWindow, cookie.InboundStreams, cookie.SupportsForwardTsn, cookie.SupportsReconfig);
    }

    private void Build(uint peerTag, uint peerInitialTsn, uint peerWindow, ushort peerInboundStreams, bool forwardTsn, bool reconfig)
    {
        _peerTag = peerTag;
        _outboundStreams = Math.Min(SctpLimits.MaxStreams, (int)peerInboundStreams);
        _peerTakesForwardTsn = forwardTsn;
        _peerTakesReconfig = reconfig;
        _sender = new DataSender(_localInitialTsn, peerWindow, forwardTsn, _rto, Counters);
        _receiver = new DataReceiver(peerInitialTsn, _options, OnMessage);
        ResetReconfiguration(_localInitialTsn, peerInitialTsn);
    }

    private void HandleCookieAck(MonotonicTime now)
    {
        if (State == SctpState.CookieEchoed) Establish(now);
        else Counters.Count(SctpDrop.UnexpectedChunk);
    }

    private void Establish(MonotonicTime now)
    {
        State = SctpState.Established;
        _t1 = MonotonicTime.Never;
        _cookieEcho = null;
        _heartbeatTimer = _options.HeartbeatInterval is { } interval ? now + interval : MonotonicTime.Never;
        _heartbeatNonce = 0;
        _heartbeatsUnanswered = 0;
        Raise(new AssociationUp());
        SendEarlyMessages();
    }

    private void HandleStaleCookie(MonotonicTime now)
    {
        if (State != SctpState.CookieEchoed) return;
        if (++_staleCookies > SctpLimits.MaxStaleCookies) GoDown(SctpDownReason.StaleCookie);
        else BeginInit(now);
    }

    private void HandleSetupTimers(MonotonicTime now)
    {
        if (now < _t1) return;
        if (++_t1Expirations > _options.MaxRetransmissions)
        {
            GoDown(SctpDownReason.TooManyRetransmissions);
            return;
        }

        _rto.BackOff();
        if (State == SctpState.CookieWait)
        {
            SendInit(now);
        }
        else if (State == SctpState.CookieEchoed && _cookieEcho is not null)
        {
            SendControl(_cookieEcho);
            _t1 = now + _rto.Current;
        }
    }
}
