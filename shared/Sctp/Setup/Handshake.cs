using System.Buffers.Binary;
using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Setup;

/// <summary>The four-way handshake (RFC 9260 section 5.1), simultaneous open and restart (section 5.2), with T1-init and T1-cookie.</summary>
internal sealed class Handshake
{
    private readonly AssociationState _state;
    private readonly IAssociation _association;
    private readonly byte[] _cookieKey = new byte[StateCookie.KeyLength];
    private int _t1Expirations;
    private int _staleCookies;
    private byte[]? _cookieEcho;

    internal Handshake(AssociationState state, IAssociation association)
    {
        _state = state;
        _association = association;
        state.Random.Fill(_cookieKey);
    }

    internal MonotonicTime T1 { get; private set; } = MonotonicTime.Never;

    internal void StopTimer() => T1 = MonotonicTime.Never;

    /// <summary>The client's INIT.</summary>
    internal void Start(MonotonicTime now)
    {
        _staleCookies = 0;
        BeginInit(now);
    }

    internal void HandleInit(TypedValue chunk, MonotonicTime now)
    {
        if (!InitChunk.TryParse(chunk, out var init) || init.InitiateTag == 0)
        {
            _state.Counters.Count(SctpDrop.MalformedChunk);
            return;
        }

        if (init.OutboundStreams == 0 || init.InboundStreams == 0)
        {
            _state.Packets.SendAlone(ChunkWriter.WithCause(ChunkType.Abort, 0, ErrorCause.InvalidMandatoryParameter, []), init.InitiateTag);
            return;
        }

        if (_state.State == SctpState.ShutdownAckSent)
        {
            // RFC 9260 section 9.2: our SHUTDOWN ACK got lost; the INIT is answered when that is done.
            _state.Packets.SendControl(ChunkWriter.Chunk(ChunkType.ShutdownAck, 0, []));
            return;
        }

        // RFC 9260 section 5.2.1: while our own INIT is under way the answer carries the same tag; section 5.2.2: otherwise a new one.
        var opening = _state.State is SctpState.CookieWait or SctpState.CookieEchoed;
        var localTag = opening ? _state.LocalTag : _state.NewTag();
        var localInitialTsn = opening ? _state.LocalInitialTsn : _state.Random.NextUInt32();
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
            LocalTieTag = _state.HasPeer ? _state.LocalTag : 0,
            PeerTieTag = _state.HasPeer ? _state.PeerTag : 0,
        };
        var answer = LocalInit(localTag, localInitialTsn) with { StateCookie = cookie.Seal(_cookieKey), Unrecognized = init.Unrecognized };
        var bytes = answer.Format(ChunkType.InitAck);
        if (bytes.Length > SctpLimits.MaxPacket - PacketHeader.Length) bytes = (answer with { Unrecognized = [] }).Format(ChunkType.InitAck);
        _state.Packets.SendAlone(bytes, init.InitiateTag);
    }

    internal void HandleInitAck(TypedValue chunk, MonotonicTime now)
    {
        if (_state.State != SctpState.CookieWait)
        {
            _state.Counters.Count(SctpDrop.UnexpectedChunk);
            return;
        }

        if (!InitChunk.TryParse(chunk, out var init) || init.InitiateTag == 0 || init.StateCookie is not { Length: > 0 and <= SctpLimits.MaxCookie } cookie)
        {
            _state.Counters.Count(SctpDrop.MalformedChunk);
            return;
        }

        if (init.OutboundStreams == 0 || init.InboundStreams == 0)
        {
            _state.PeerTag = init.InitiateTag;
            _association.AbortWith(ErrorCause.InvalidMandatoryParameter, SctpDownReason.ProtocolViolation);
            return;
        }

        Build(new PeerParameters(init.InitiateTag, init.InitialTsn, init.ReceiverWindow, init.InboundStreams, init.SupportsForwardTsn, init.SupportsReconfig));
        _state.State = SctpState.CookieEchoed;
        _cookieEcho = ChunkWriter.Chunk(ChunkType.CookieEcho, 0, cookie);
        _t1Expirations = 0;
        _state.Packets.SendControl(_cookieEcho);
        T1 = now + _state.Rto.Current;
    }

    internal void HandleCookieEcho(uint tag, TypedValue chunk, MonotonicTime now)
    {
        if (!StateCookie.TryOpen(chunk.Value, _cookieKey, out var cookie))
        {
            _state.Counters.Count(SctpDrop.BadCookie);
            return;
        }

        if (tag != cookie.LocalTag)
        {
            _state.Counters.Count(SctpDrop.WrongVerificationTag);
            return;
        }

        var sameLocal = _state.State != SctpState.Closed && cookie.LocalTag == _state.LocalTag;
        var samePeer = _state.State != SctpState.Closed && cookie.PeerTag == _state.PeerTag;
        var age = now - cookie.CreatedAt;
        if (age > _state.Options.CookieLifetime && !(sameLocal && samePeer))
        {
            TellStaleCookie(cookie.PeerTag, age - _state.Options.CookieLifetime);
            return;
        }

        // RFC 9260 section 5.2.4, table 12.
        switch (_state.State)
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
            case not SctpState.CookieWait when !sameLocal && !samePeer && cookie.LocalTieTag == _state.LocalTag && cookie.PeerTieTag == _state.PeerTag: // A
                _association.OnRestarted();
                Accept(cookie);
                Establish(now);
                break;
            default: // C, and combinations that the table does not have
                _state.Counters.Count(SctpDrop.UnexpectedChunk);
                return;
        }

        _state.Packets.SendControl(ChunkWriter.Chunk(ChunkType.CookieAck, 0, []));
    }

    internal void HandleCookieAck(MonotonicTime now)
    {
        if (_state.State == SctpState.CookieEchoed) Establish(now);
        else _state.Counters.Count(SctpDrop.UnexpectedChunk);
    }

    /// <summary>The peer found our cookie stale (RFC 9260 section 5.2.6): restart the handshake.</summary>
    internal void HandleStaleCookie(MonotonicTime now)
    {
        if (_state.State != SctpState.CookieEchoed) return;
        if (++_staleCookies > SctpLimits.MaxStaleCookies) _association.GoDown(SctpDownReason.StaleCookie);
        else BeginInit(now);
    }

    internal void HandleTimeout(MonotonicTime now)
    {
        if (now < T1) return;
        if (++_t1Expirations > _state.Options.MaxRetransmissions)
        {
            _association.GoDown(SctpDownReason.TooManyRetransmissions);
            return;
        }

        _state.Rto.BackOff();
        if (_state.State == SctpState.CookieWait)
        {
            SendInit(now);
        }
        else if (_state.State == SctpState.CookieEchoed && _cookieEcho is not null)
        {
            _state.Packets.SendControl(_cookieEcho);
            T1 = now + _state.Rto.Current;
        }
    }

    private InitChunk LocalInit(uint tag, uint initialTsn) => new()
    {
        InitiateTag = tag,
        ReceiverWindow = (uint)_state.Options.ReceiveWindow,
        OutboundStreams = SctpLimits.MaxStreams,
        InboundStreams = SctpLimits.MaxStreams,
        InitialTsn = initialTsn,
        SupportsForwardTsn = true,
        SupportsReconfig = true,
    };

    private void BeginInit(MonotonicTime now)
    {
        _state.Begin();
        _t1Expirations = 0;
        _state.State = SctpState.CookieWait;
        SendInit(now);
    }

    private void SendInit(MonotonicTime now)
    {
        _state.Packets.SendAlone(LocalInit(_state.LocalTag, _state.LocalInitialTsn).Format(ChunkType.Init), 0);
        T1 = now + _state.Rto.Current;
    }

    private void TellStaleCookie(uint peerTag, TimeSpan tooOldBy)
    {
        _state.Counters.Count(SctpDrop.StaleCookie);
        Span<byte> staleness = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(staleness, (uint)Math.Min(uint.MaxValue, tooOldBy.TotalMicroseconds));
        _state.Packets.SendAlone(ChunkWriter.WithCause(ChunkType.Error, 0, ErrorCause.StaleCookie, staleness), peerTag);
    }

    private void Accept(StateCookie cookie)
    {
        _state.Name(cookie.LocalTag, cookie.LocalInitialTsn);
        Build(new PeerParameters(cookie.PeerTag, cookie.PeerInitialTsn, cookie.PeerReceiverWindow, cookie.InboundStreams, cookie.SupportsForwardTsn, cookie.SupportsReconfig));
    }

    private void Build(in PeerParameters peer)
    {
        _state.Build(peer);
        _association.OnBuilt(peer.InitialTsn);
    }

    private void Establish(MonotonicTime now)
    {
        _state.State = SctpState.Established;
        T1 = MonotonicTime.Never;
        _cookieEcho = null;
        _association.OnEstablished(now);
    }
}
