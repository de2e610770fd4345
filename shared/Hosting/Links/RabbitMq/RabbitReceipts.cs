using JitsiMesh.Contracts.Links;
using RabbitMQ.Client;

namespace JitsiMesh.Hosting.Links.RabbitMq;

/// <summary>
/// What a consumer has taken and not made safe yet, and what is to be acknowledged to the broker. It outlives channels: what the broker delivers again on the next one is still in the consumer's hands, and gets its new tag.
/// </summary>
internal sealed class RabbitReceipts : IDisposable
{
    /// <summary>Acknowledgements are collected for so long: one frame then stands for many.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Sender, string Room, long Sequence), Receipt> _inHand = [];
    private readonly SortedSet<ulong> _delivered = [];
    private readonly HashSet<ulong> _done = [];
    private readonly SemaphoreSlim _signal = new(0);
    private bool _signalled;
    private bool _isOver;

    /// <summary>A new channel: the broker delivers all again that it has no acknowledgement of.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _delivered.Clear();
            _done.Clear();
            foreach (var receipt in _inHand.Values) receipt.Tag = 0;
        }
    }

    public ILinkReceipt Take(StanzaEnvelope envelope, ulong tag)
    {
        lock (_gate)
        {
            _delivered.Add(tag);
            return _inHand[KeyOf(envelope)] = new Receipt(this, KeyOf(envelope)) { Tag = tag };
        }
    }

    /// <summary>The broker has delivered once more what was delivered before.</summary>
    public void Again(StanzaEnvelope envelope, ulong tag)
    {
        lock (_gate)
        {
            _delivered.Add(tag);
            // A copy on the same channel needs no receipt: the first one still stands in the queue.
            if (_inHand.TryGetValue(KeyOf(envelope), out var receipt) && receipt.Tag == 0) receipt.Tag = tag;
            else Done(tag);
        }
    }

    /// <summary>What has no envelope.</summary>
    public void Drop(ulong tag)
    {
        lock (_gate)
        {
            _delivered.Add(tag);
            Done(tag);
        }
    }

    /// <summary>Acknowledges what is safe, until cancelled.</summary>
    public async Task RunAsync(IChannel channel, CancellationToken cancellation)
    {
        while (true)
        {
            await _signal.WaitAsync(cancellation);
            await Task.Delay(Pause, cancellation);
            // Not cancelled midway: what is taken out of the sets is sent.
            await AcknowledgeAsync(channel, CancellationToken.None);
        }
    }

    /// <summary>Acknowledges what is safe by now: all before the first that is not with one frame, the rest one by one.</summary>
    public async Task AcknowledgeAsync(IChannel channel, CancellationToken cancellation)
    {
        ulong upTo = 0;
        List<ulong> single;
        lock (_gate)
        {
            _signalled = false;
            while (_delivered.Count > 0 && _done.Remove(_delivered.Min))
            {
                upTo = _delivered.Min;
                _delivered.Remove(upTo);
            }

            single = [.. _done];
            _done.Clear();
            _delivered.ExceptWith(single);
        }

        if (!channel.IsOpen) return;
        if (upTo > 0) await channel.BasicAckAsync(upTo, multiple: true, cancellation);
        foreach (var tag in single) await channel.BasicAckAsync(tag, multiple: false, cancellation);
    }

    /// <summary>The subscription is over. Receipts have no effect from here on: what is not safe is the next consumer's.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            _inHand.Clear();
            _signal.Dispose();
        }
    }

    private void Complete(Receipt receipt)
    {
        lock (_gate)
        {
            // Without a tag its channel is gone: it is acknowledged when the broker delivers it again.
            if (!_isOver && _inHand.Remove(receipt.Key) && receipt.Tag > 0) Done(receipt.Tag);
        }
    }

    private void Done(ulong tag)
    {
        _done.Add(tag);
        if (_signalled) return;
        _signalled = true;
        _signal.Release();
    }

    private static (string Sender, string Room, long Sequence) KeyOf(StanzaEnvelope envelope) => (envelope.Sender, envelope.Room, envelope.Sequence);

    private sealed class Receipt(RabbitReceipts receipts, (string Sender, string Room, long Sequence) key) : ILinkReceipt
    {
        public (string Sender, string Room, long Sequence) Key => key;

        /// <summary>Of the delivery on the present channel; 0 where there was none yet.</summary>
        public ulong Tag { get; set; }

        public void Complete() => receipts.Complete(this);
    }
}
