using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Sctp.DataChannels;
using JitsiMesh.Sctp.Receiving;
using JitsiMesh.Sctp.Sending;

namespace JitsiMesh.Sctp;

/// <summary>Data channels (RFC 8831) and their establishment (RFC 8832).</summary>
public sealed partial class SctpAssociation
{
    private readonly Dictionary<int, DataChannel> _channels = [];
    private readonly Queue<OutgoingMessage> _early = new();
    private long _earlyBytes;

    /// <summary>May be called before the association is up; messages then wait for it.</summary>
    /// <returns>The channel's stream number, or -1 when <see cref="SctpOptions.MaxChannels"/> are open or label or protocol are too long.</returns>
    public int OpenChannel(DataChannelOptions o, MonotonicTime now)
    {
        ArgumentNullException.ThrowIfNull(o);
        if (_channels.Count >= _options.MaxChannels) return -1;
        if (Encoding.UTF8.GetByteCount(o.Label) > SctpLimits.MaxLabel || Encoding.UTF8.GetByteCount(o.Protocol) > SctpLimits.MaxLabel) return -1;
        var streams = HasAssociation ? _outboundStreams : SctpLimits.MaxStreams;
        for (var id = _options.EvenChannelIds ? 0 : 1; id < streams; id += 2)
        {
            if (_channels.ContainsKey(id) || _resetQueue.Contains((ushort)id) || _activeReset?.Streams.Contains((ushort)id) == true) continue;
            _channels[id] = new DataChannel(id, o, openedByPeer: false);
            Post(new OutgoingMessage { StreamId = (ushort)id, Ppid = Ppid.Dcep, Data = DcepMessage.FormatOpen(o) });
            Flush(now);
            return id;
        }

        return -1;
    }

    /// <summary>
    /// False: there is no such channel, it is closing, the message is longer than <see cref="SctpOptions.MaxMessageSize"/>, or
    /// <see cref="SctpOptions.SendBuffer"/> bytes wait already.
    /// </summary>
    public bool SendMessage(int channelId, ReadOnlySpan<byte> data, bool isText, MonotonicTime now)
    {
        if (!_channels.TryGetValue(channelId, out var channel) || channel.IsClosing || data.Length > _options.MaxMessageSize) return false;
        if (BufferedBytes + data.Length > _options.SendBuffer || State is not (SctpState.Closed or SctpState.CookieWait or SctpState.CookieEchoed or SctpState.Established))
            return false;

        // RFC 8831 section 6.6: SCTP has no empty messages, so one octet stands for nothing under a PPID that says so.
        var ppid = (isText, data.IsEmpty) switch
        {
            (true, false) => Ppid.Text,
            (false, false) => Ppid.Binary,
            (true, true) => Ppid.TextEmpty,
            (false, true) => Ppid.BinaryEmpty,
        };
        Post(new OutgoingMessage
        {
            StreamId = (ushort)channelId,
            Ppid = ppid,
            Data = data.IsEmpty ? [0] : data.ToArray(),
            IsUnordered = !channel.Options.Ordered && channel.IsAcknowledged,
            MaxRetransmissions = channel.Options.MaxRetransmits ?? int.MaxValue,
            ExpiresAt = channel.Options.MaxLifetime is { } life ? now + life : MonotonicTime.Never,
        });
        Flush(now);
        return true;
    }

    /// <summary>What was accepted still arrives; <see cref="ChannelClosed"/> comes when both directions are reset.</summary>
    public void CloseChannel(int id, MonotonicTime now)
    {
        if (!_channels.TryGetValue(id, out var channel) || channel.IsClosing) return;
        channel.IsClosing = true;
        if (State == SctpState.Established)
        {
            QueueReset((ushort)id);
            Flush(now);
            return;
        }

        if (!HasAssociation) ForgetEarly(id);
        Forget(channel);
    }

    private void Post(OutgoingMessage message)
    {
        if (_sender is not null && HasAssociation)
        {
            _sender.Enqueue(message);
            return;
        }

        _early.Enqueue(message);
        _earlyBytes += message.Data.Length;
    }

    private void SendEarlyMessages()
    {
        while (_early.TryDequeue(out var message)) _sender!.Enqueue(message);
        _earlyBytes = 0;
    }

    private void ForgetEarly(int id)
    {
        var kept = _early.Where(message => message.StreamId != id).ToArray();
        _early.Clear();
        _earlyBytes = 0;
        foreach (var message in kept) Post(message);
    }

    private void OnMessage(IncomingMessage message)
    {
        if (message.Data.Length > _options.MaxMessageSize)
        {
            Counters.Count(SctpDrop.MessageTooLong);
            return;
        }

        if (message.Ppid == Ppid.Dcep)
        {
            HandleDcep(message);
            return;
        }

        if (message.Ppid is not (Ppid.Text or Ppid.Binary or Ppid.TextEmpty or Ppid.BinaryEmpty))
        {
            Counters.Count(SctpDrop.UnknownPpid);
            return;
        }

        if (!_channels.TryGetValue(message.StreamId, out var channel) || channel.ClosedIsTold)
        {
            Counters.Count(SctpDrop.UnknownChannel);
            return;
        }

        var data = message.Ppid is Ppid.TextEmpty or Ppid.BinaryEmpty ? [] : message.Data;
        _eventBytes += data.Length + SctpLimits.PieceOverhead;
        _events.Enqueue(new ChannelMessage(message.StreamId, message.Ppid is Ppid.Text or Ppid.TextEmpty, data));
    }

    private void HandleDcep(IncomingMessage message)
    {
        if (message.Data is [DcepMessage.AckType])
        {
            if (!_channels.TryGetValue(message.StreamId, out var channel) || channel.IsAcknowledged) return;
            channel.IsAcknowledged = true;
            if (!channel.IsClosing) Raise(new ChannelOpened(channel.Id, channel.Options.Label, channel.Options.Protocol, OpenedByPeer: false));
            return;
        }

        if (!DcepMessage.TryParseOpen(message.Data, out var options) || _channels.ContainsKey(message.StreamId))
        {
            Counters.Count(SctpDrop.MalformedDcep);
            return;
        }

        if (_channels.Count >= _options.MaxChannels || message.StreamId >= _outboundStreams)
        {
            Counters.Count(SctpDrop.ChannelRefused);
            if (message.StreamId < _outboundStreams) QueueReset(message.StreamId);
            return;
        }

        _channels[message.StreamId] = new DataChannel(message.StreamId, options, openedByPeer: true);
        Post(new OutgoingMessage { StreamId = message.StreamId, Ppid = Ppid.Dcep, Data = [DcepMessage.AckType] });
        Raise(new ChannelOpened(message.StreamId, options.Label, options.Protocol, OpenedByPeer: true));
    }

    /// <summary>The peer closes: so do we (RFC 8831 section 6.7).</summary>
    private void OnIncomingReset(ushort stream)
    {
        _receiver!.ResetStream(stream);
        if (!_channels.TryGetValue(stream, out var channel)) return;
        channel.IncomingIsReset = true;
        if (channel.OutgoingIsReset)
        {
            Forget(channel);
            return;
        }

        TellClosed(channel);
        if (channel.IsClosing) return;
        channel.IsClosing = true;
        QueueReset(stream);
    }

    private void OnOutgoingReset(ushort stream)
    {
        if (!_channels.TryGetValue(stream, out var channel)) return;
        channel.OutgoingIsReset = true;
        if (channel.IncomingIsReset || !_peerTakesReconfig) Forget(channel);
    }

    private void CloseAllChannels()
    {
        foreach (var channel in _channels.Values) TellClosed(channel);
        _channels.Clear();
        _early.Clear();
        _earlyBytes = 0;
    }

    private void Forget(DataChannel channel)
    {
        TellClosed(channel);
        _channels.Remove(channel.Id);
    }

    private void TellClosed(DataChannel channel)
    {
        if (channel.ClosedIsTold) return;
        channel.ClosedIsTold = true;
        Raise(new ChannelClosed(channel.Id));
    }
}
