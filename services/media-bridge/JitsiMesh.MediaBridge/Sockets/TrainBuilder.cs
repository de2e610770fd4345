using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>
/// Groups a batch of queued datagrams by destination into trains for UDP_SEGMENT: equal sizes, of which only the last may be shorter.
/// The order of datagrams to one destination is kept.
/// </summary>
internal sealed class TrainBuilder(int capacity, bool segmentation)
{
    private const int TableSize = 1024;
    private readonly int[] _table = new int[TableSize];
    private readonly int[] _tableStamp = new int[TableSize];
    private readonly TransportAddress[] _remote = new TransportAddress[capacity];
    private readonly int[] _first = new int[capacity];
    private readonly int[] _last = new int[capacity];
    private readonly int[] _count = new int[capacity];
    private readonly int[] _segmentSize = new int[capacity];
    private readonly int[] _bytes = new int[capacity];
    private readonly bool[] _closed = new bool[capacity];
    private readonly int[] _next = new int[capacity];
    private int _stamp = 1;

    public int TrainCount { get; private set; }

    /// <param name="slot">The datagram's slot in the queue.</param>
    /// <param name="length">The length of the datagram.</param>
    /// <param name="remote">The receiver.</param>
    /// <param name="mayJoin">False: the datagram is sent alone.</param>
    public void Add(int slot, int length, in TransportAddress remote, bool mayJoin = true)
    {
        mayJoin &= segmentation;
        _next[slot] = -1;
        var train = mayJoin ? Find(remote) : -1;
        if (train >= 0 && CanTake(train, length))
        {
            _next[_last[train]] = slot;
            _last[train] = slot;
            _count[train]++;
            _bytes[train] += length;
            _closed[train] = length < _segmentSize[train];
            return;
        }

        train = TrainCount++;
        _remote[train] = remote;
        _first[train] = _last[train] = slot;
        _count[train] = 1;
        _segmentSize[train] = _bytes[train] = length;
        _closed[train] = false;
        if (mayJoin) Remember(remote, train);
    }

    public ref readonly TransportAddress Remote(int train) => ref _remote[train];

    public int First(int train) => _first[train];

    public int Next(int slot) => _next[slot];

    public int Count(int train) => _count[train];

    public int SegmentSize(int train) => _segmentSize[train];

    public void Clear()
    {
        TrainCount = 0;
        _stamp++;
    }

    private bool CanTake(int train, int length) =>
        !_closed[train] && length <= _segmentSize[train] && _count[train] < PortLimits.MaxSegments
        && _bytes[train] + length <= PortLimits.MaxTrainBytes;

    private int Find(in TransportAddress remote)
    {
        for (var i = Hash(remote); _tableStamp[i] == _stamp; i = (i + 1) & (TableSize - 1))
        {
            if (_remote[_table[i]] == remote) return _table[i];
        }

        return -1;
    }

    private void Remember(in TransportAddress remote, int train)
    {
        var i = Hash(remote);
        while (_tableStamp[i] == _stamp && _remote[_table[i]] != remote) i = (i + 1) & (TableSize - 1);
        _table[i] = train;
        _tableStamp[i] = _stamp;
    }

    private static int Hash(in TransportAddress remote)
    {
        var h = (remote.Low ^ remote.High ^ ((ulong)remote.Port << 32)) * 0x9E3779B97F4A7C15UL;
        return (int)(h >> 54);
    }
}
