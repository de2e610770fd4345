using JitsiMesh.Headless.Media;
using JitsiMesh.Kit.Networks;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>The downlink from the bridge to one client: a bottleneck with a queue, and loss. STUN passes unaffected, so that a scenario tests media and not consent.</summary>
internal sealed class NarrowLink
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);
    private readonly BridgeCall _call;
    private readonly HeadlessEndpoint _client;
    private readonly SeededRandomSource _random;
    private readonly Queue<(MonotonicTime Arrival, VirtualDatagram Datagram)> _underWay = new();
    private MonotonicTime _free;

    public NarrowLink(BridgeCall call, HeadlessEndpoint client, TransportAddress address)
    {
        _call = call;
        _client = client;
        _random = new SeededRandomSource(call.Network.Seed);
        call.Network.Drop = datagram => datagram.Destination == address && datagram.Bytes.Span[0] > 3 && Take(datagram);
    }

    public Bitrate Capacity { get; set; } = new(5_000_000);

    public double Loss { get; set; }

    /// <summary>A datagram that would wait longer than this is dropped.</summary>
    public TimeSpan MaxQueue { get; set; } = TimeSpan.FromMilliseconds(300);

    public int Taken { get; private set; }

    public int Dropped { get; private set; }

    public TimeSpan Queue => _free > _call.Network.Now ? _free - _call.Network.Now : TimeSpan.Zero;

    /// <summary>Blocks the link for this long.</summary>
    public void Stall(TimeSpan time) => _free = MonotonicTime.Max(_free, _call.Network.Now) + time;

    public void Run(double seconds, Action? each = null)
    {
        for (var end = _call.Network.Now + TimeSpan.FromSeconds(seconds); _call.Network.Now < end;)
        {
            _call.Network.RunFor(Step);
            while (_underWay.TryPeek(out var head) && head.Arrival <= _call.Network.Now)
            {
                _underWay.Dequeue();
                _client.HandleDatagram(head.Datagram.Bytes.ToArray(), head.Datagram.Destination, head.Datagram.Source, _call.Network.Now);
                _call.Network.Drain();
            }

            each?.Invoke();
        }
    }

    private bool Take(VirtualDatagram datagram)
    {
        var now = _call.Network.Now;
        Taken++;
        var start = MonotonicTime.Max(now, _free);
        if (start - now > MaxQueue || _random.NextDouble() < Loss)
        {
            Dropped++;
            return true;
        }

        _free = start + TimeSpan.FromSeconds(datagram.Bytes.Length * 8.0 / Capacity.BitsPerSecond);
        _underWay.Enqueue((_free + TimeSpan.FromMilliseconds(10), datagram));
        return true;
    }
}
