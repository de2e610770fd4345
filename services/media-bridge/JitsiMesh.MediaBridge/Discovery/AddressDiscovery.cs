using JitsiMesh.Ice;
using JitsiMesh.Ice.Stun;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Discovery;

/// <summary>The address of a local port as a STUN server sees it.</summary>
internal readonly record struct LearnedAddress(TransportAddress Mapped, TransportAddress Base);

/// <summary>The result of one round.</summary>
/// <param name="Learned">Each learned address once, in the order of the answers.</param>
/// <param name="Asked">The number of requests.</param>
/// <param name="Answered">The number of requests with a usable answer.</param>
/// <param name="Refused">Answers with an unusable address or an error.</param>
internal sealed record DiscoveryResult(IReadOnlyList<LearnedAddress> Learned, int Asked, int Answered, int Refused)
{
    /// <summary>Different servers see different ports for one local port: the NAT creates a mapping for each destination, so clients cannot use it.</summary>
    public bool PortsDiffer => Learned.GroupBy(l => (l.Base, l.Mapped with { Port = 0 })).Any(g => g.Count() > 1);
}

/// <summary>
/// Queries STUN servers (RFC 8489) from the media ports themselves, so that the mapping of those ports is learned. Lives on the media thread, without its own thread or clock.
/// Ignores everything that does not come from the queried server with the transaction of the request.
/// </summary>
internal sealed class AddressDiscovery(IRandomSource random)
{
    private readonly List<Query> _queries = [];
    private readonly List<LearnedAddress> _learned = [];
    private MonotonicTime _endsAt;
    private Action<DiscoveryResult>? _learnedMore;
    private Action<DiscoveryResult>? _ended;
    private int _refused;

    public MonotonicTime NextTimeout { get; private set; } = MonotonicTime.Never;

    public bool IsAsking => _ended is not null;

    /// <summary>Starts a round; a running round is ended with its current result.</summary>
    /// <param name="ports">Each port queries every server of its address family.</param>
    /// <param name="servers">Servers beyond <see cref="DiscoveryLimits.MaxServers"/> are not queried.</param>
    /// <param name="limit">The time limit of the round.</param>
    /// <param name="now">The time.</param>
    /// <param name="learnedMore">Called with each newly learned address.</param>
    /// <param name="ended">Called once at the end.</param>
    public void Begin(IEnumerable<IDatagramPort> ports, IReadOnlyList<TransportAddress> servers, TimeSpan limit, MonotonicTime now, Action<DiscoveryResult> learnedMore, Action<DiscoveryResult> ended)
    {
        End();
        _learnedMore = learnedMore;
        _ended = ended;
        _endsAt = now + limit;
        foreach (var port in ports)
        {
            foreach (var server in servers.Distinct().Take(DiscoveryLimits.MaxServers))
            {
                if (port.Local.IsIPv4 == server.IsIPv4 && server.Port != 0) _queries.Add(new Query(port, server, StunTransactionId.Create(random), now));
            }
        }

        HandleTimeout(now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (!IsAsking) return;
        var open = _queries.Exists(q => !q.IsDone);
        if (!open || now >= _endsAt)
        {
            End();
            return;
        }

        NextTimeout = _endsAt;
        foreach (var query in _queries)
        {
            if (query.IsDone) continue;
            if (query.NextSend <= now)
            {
                Send(query);
                query.Sent(now);
            }

            NextTimeout = MonotonicTime.Min(NextTimeout, query.NextSend);
        }
    }

    /// <summary>True when the datagram answers one of the requests.</summary>
    public bool TryHandle(ReadOnlySpan<byte> datagram, in TransportAddress local, in TransportAddress remote, MonotonicTime now)
    {
        if (!IsAsking || !StunDemux.TryGetTransaction(datagram, out var id)) return false;
        if (Find(id, local, remote) is not { } query || !StunMessage.TryParse(datagram, out var message)) return false;
        if (message.Method != StunMethod.Binding || message.Class is not (StunClass.SuccessResponse or StunClass.ErrorResponse) || !message.VerifyFingerprint()) return false;
        query.IsDone = true;
        if (message.Class == StunClass.SuccessResponse && message.TryGetXorMappedAddress(out var mapped) && IsUsable(mapped, local)) Learn(new LearnedAddress(mapped, local), query);
        else _refused++;
        HandleTimeout(now);
        return true;
    }

    /// <summary>Clients are sent to the address from the server's answer: it must be a valid host address, and not a loopback or link-local one.</summary>
    private static bool IsUsable(in TransportAddress mapped, in TransportAddress local) =>
        mapped.Port != 0 && mapped.IsIPv4 == local.IsIPv4 && CandidateScope.Of(mapped) == AddressScope.Global;

    private Query? Find(StunTransactionId id, in TransportAddress local, in TransportAddress remote)
    {
        foreach (var query in _queries)
        {
            if (!query.IsDone && query.Id == id && query.Server == remote && query.Port.Local == local) return query;
        }

        return null;
    }

    private void Learn(LearnedAddress learned, Query query)
    {
        query.IsAnswered = true;
        if (_learned.Contains(learned) || _learned.Count >= DiscoveryLimits.MaxLearned) return;
        _learned.Add(learned);
        _learnedMore!(Result());
    }

    private void End()
    {
        if (_ended is not { } ended) return;
        var result = Result();
        _ended = null;
        _learnedMore = null;
        NextTimeout = MonotonicTime.Never;
        _queries.Clear();
        _learned.Clear();
        _refused = 0;
        ended(result);
    }

    private DiscoveryResult Result() => new([.. _learned], _queries.Count, _queries.Count(q => q.IsAnswered), _refused);

    private static void Send(Query query)
    {
        var writer = new StunWriter(query.Port.Rent(), StunClass.Request, StunMethod.Binding, query.Id);
        query.Port.Commit(writer.Length, query.Server);
    }

    private sealed class Query(IDatagramPort port, TransportAddress server, StunTransactionId id, MonotonicTime now)
    {
        private TimeSpan _wait = DiscoveryLimits.FirstRetry;

        public IDatagramPort Port { get; } = port;

        public TransportAddress Server { get; } = server;

        public StunTransactionId Id { get; } = id;

        public MonotonicTime NextSend { get; private set; } = now;

        public bool IsDone { get; set; }

        public bool IsAnswered { get; set; }

        public void Sent(MonotonicTime now)
        {
            NextSend = now + _wait;
            _wait *= 2;
        }
    }
}
