using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Receiving;
using JitsiMesh.Sctp.Sending;
using JitsiMesh.Sctp.Streams;

namespace JitsiMesh.Sctp.DataChannels;

/// <summary>The data channels of an association (RFC 8831) and their establishment (RFC 8832).</summary>
internal sealed class ChannelTable(AssociationState state, StreamResets resets)
{
    private readonly Dictionary<int, DataChannel> _channels = [];
    private readonly Queue<OutgoingMessage> _early = new();
    private long _earlyBytes;

    /// <summary>Bytes accepted and not yet acknowledged.</summary>
    internal long BufferedBytes => (state.Sender?.BufferedBytes ?? 0) + _earlyBytes;

    /// <returns>The channel's stream number, or -1.</returns>
    internal int Open(DataChannelOptions options)
    {
        if (_channels.Count >= state.Options.MaxChannels) return -1;
        if (Encoding.UTF8.GetByteCount(options.Label) > SctpLimits.MaxLabel || Encoding.UTF8.GetByteCount(options.Protocol) > SctpLimits.MaxLabel) return -1;
        var streams = state.HasPeer ? state.OutboundStreams : SctpLimits.MaxStreams;
        for (var id = state.Options.EvenChannelIds ? 0 : 1; id < streams; id += 2)
        {
            if (_channels.ContainsKey(id) || resets.IsUnderWay((ushort)id)) continue;
            _channels[id] = new DataChannel(id, options, openedByPeer: false);
            Post(new OutgoingMessage { StreamId = (ushort)id, Ppid = Ppid.Dcep, Data = DcepMessage.FormatOpen(options) });
            return id;
        }

        return -1;
    }

    /// <returns>False: it was not accepted.</returns>
    internal bool Send(int channelId, ReadOnlySpan<byte> data, bool isText, MonotonicTime now)
    {
        if (!_channels.TryGetValue(channelId, out var channel) || channel.IsClosing || data.Length > state.Options.MaxMessageSize) return false;
        if (BufferedBytes + data.Length > state.Options.SendBuffer
            || state.State is not (SctpState.Closed or SctpState.CookieWait or SctpState.CookieEchoed or SctpState.Established)) return false;

        // RFC 8831 section 6.6: SCTP has no empty messages, so an empty message is sent as one octet under its own PPID.
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
        return true;
    }

    /// <returns>True: a reset of its stream waits to be sent.</returns>
    internal bool Close(int id)
    {
        if (!_channels.TryGetValue(id, out var channel) || channel.IsClosing) return false;
        channel.IsClosing = true;
        if (state.State == SctpState.Established)
        {
            resets.Queue((ushort)id);
            return true;
        }

        if (!state.HasPeer) ForgetEarly(id);
        Forget(channel);
        return false;
    }

    /// <summary>The association is up: the messages accepted before are sent.</summary>
    internal void SendEarlyMessages()
    {
        while (_early.TryDequeue(out var message)) state.Sender!.Enqueue(message);
        _earlyBytes = 0;
    }

    internal void HandleMessage(IncomingMessage message)
    {
        if (message.Data.Length > state.Options.MaxMessageSize)
        {
            state.Counters.Count(SctpDrop.MessageTooLong);
            return;
        }

        if (message.Ppid == Ppid.Dcep)
        {
            HandleDcep(message);
            return;
        }

        if (message.Ppid is not (Ppid.Text or Ppid.Binary or Ppid.TextEmpty or Ppid.BinaryEmpty))
        {
            state.Counters.Count(SctpDrop.UnknownPpid);
            return;
        }

        if (!_channels.TryGetValue(message.StreamId, out var channel) || channel.ClosedIsTold)
        {
            state.Counters.Count(SctpDrop.UnknownChannel);
            return;
        }

        var data = message.Ppid is Ppid.TextEmpty or Ppid.BinaryEmpty ? [] : message.Data;
        state.Events.Deliver(new ChannelMessage(message.StreamId, message.Ppid is Ppid.Text or Ppid.TextEmpty, data));
    }

    /// <summary>The peer closes: so do we (RFC 8831 section 6.7).</summary>
    internal void OnIncomingReset(ushort stream)
    {
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
        resets.Queue(stream);
    }

    internal void OnOutgoingReset(ushort stream)
    {
        if (!_channels.TryGetValue(stream, out var channel)) return;
        channel.OutgoingIsReset = true;
        if (channel.IncomingIsReset || !state.PeerTakesReconfig) Forget(channel);
    }

    /// <summary>The streams that channels use, for a reset of all.</summary>
    internal ushort[] Streams() => [.. _channels.Keys.Select(id => (ushort)id)];

    internal void CloseAll()
    {
        foreach (var channel in _channels.Values) TellClosed(channel);
        _channels.Clear();
        _early.Clear();
        _earlyBytes = 0;
    }

    private void HandleDcep(IncomingMessage message)
    {
        if (message.Data is [DcepMessage.AckType])
        {
            if (!_channels.TryGetValue(message.StreamId, out var channel) || channel.IsAcknowledged) return;
            channel.IsAcknowledged = true;
            if (!channel.IsClosing) state.Events.Raise(new ChannelOpened(channel.Id, channel.Options.Label, channel.Options.Protocol, OpenedByPeer: false));
            return;
        }

        if (!DcepMessage.TryParseOpen(message.Data, out var options) || _channels.ContainsKey(message.StreamId))
        {
            state.Counters.Count(SctpDrop.MalformedDcep);
            return;
        }

        if (_channels.Count >= state.Options.MaxChannels || message.StreamId >= state.OutboundStreams)
        {
            state.Counters.Count(SctpDrop.ChannelRefused);
            if (message.StreamId < state.OutboundStreams) resets.Queue(message.StreamId);
            return;
        }

        _channels[message.StreamId] = new DataChannel(message.StreamId, options, openedByPeer: true);
        Post(new OutgoingMessage { StreamId = message.StreamId, Ppid = Ppid.Dcep, Data = [DcepMessage.AckType] });
        state.Events.Raise(new ChannelOpened(message.StreamId, options.Label, options.Protocol, OpenedByPeer: true));
    }

    private void Post(OutgoingMessage message)
    {
        if (state.Sender is not null && state.HasPeer)
        {
            state.Sender.Enqueue(message);
            return;
        }

        _early.Enqueue(message);
        _earlyBytes += message.Data.Length;
    }

    private void ForgetEarly(int id)
    {
        var kept = _early.Where(message => message.StreamId != id).ToArray();
        _early.Clear();
        _earlyBytes = 0;
        foreach (var message in kept) Post(message);
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
        state.Events.Raise(new ChannelClosed(channel.Id));
    }
}
