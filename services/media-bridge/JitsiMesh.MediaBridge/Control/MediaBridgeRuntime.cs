using JitsiMesh.Dtls;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.MediaBridge.Tcp;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>A running bridge: its ports, its loop, its certificate, and the flags that control sets.</summary>
internal sealed partial class MediaBridgeRuntime : IShardGateway, IShardObserver, IDisposable
{
    private static readonly TimeSpan CertificateRenewal = TimeSpan.FromHours(24);
    private readonly IRandomSource _random;
    private readonly TimeProvider _time;
    private readonly ILogger<MediaBridgeRuntime> _logger;
    private readonly Lock _certificateLock = new();
    private readonly FaultLog _faultLog;
    private IDatagramPort[]? _ports;
    private ShardLoop? _loop;
    private PublicAddress? _publicAddress;
    private DtlsCertificate? _certificate;
    private DateTimeOffset _certificateMade;

    public MediaBridgeRuntime(MediaBridgeOptions options, IRandomSource random, TimeProvider time, ILogger<MediaBridgeRuntime> logger)
    {
        Options = options;
        _random = random;
        _time = time;
        _logger = logger;
        Draining = options.InitialDrain;
        StartedAt = time.GetUtcNow();
        Load = new BridgeLoad(options, time);
        _faultLog = new FaultLog(logger);
    }

    public MediaBridgeOptions Options { get; }

    public DateTimeOffset StartedAt { get; }

    public BridgeLoad Load { get; }

    /// <summary>No new conferences are wanted: focus looks elsewhere, requests are still served.</summary>
    public bool Draining { get; private set; }

    public bool ShuttingDown { get; private set; }

    /// <summary>Raised on any thread when something changed that focus should hear at once.</summary>
    public event Action? StatusChanged;

    public bool IsRunning => _loop is { HasFailed: false };

    public BridgeShard? Shard => _loop?.Shard;

    /// <summary>Of the media connections over TCP; null where it is off.</summary>
    public TcpAdmission? Tcp { get; private set; }

    /// <summary>Ends when the public address is known, or nobody knows it.</summary>
    public Task AddressKnown => _publicAddress?.Known ?? Task.CompletedTask;

    /// <summary>The UDP port in use; 0 before the start.</summary>
    public int Port => _loop?.Shard.Ports[0].Local.Port ?? 0;

    /// <summary>Opens the ports ahead of <see cref="Start"/>: while the host is put together, where a refusal is one line and no stack trace.</summary>
    /// <exception cref="Hosting.Settings.SettingsException">The port is taken, or no address can be bound.</exception>
    public void OpenPorts()
    {
        if (_ports is not null) return;
        var ports = ShardLoop.OpenPorts(Options, _logger);
        if (Options.TcpPort is not null)
        {
            Tcp = new TcpAdmission();
            ports = [.. ports, .. TcpPorts.Open(Options, ports, Tcp, _time, _logger)];
        }

        _ports = ports;
    }

    public void Start()
    {
        if (_loop is not null) return;
        OpenPorts();
        var ports = _ports!;
        _loop = new ShardLoop("media-bridge-0", ports, p => new BridgeShard(Options, p, Certificate, _random, this), _time, _logger);
        var unusable = _loop.Shard.Candidates.Unusable;
        _publicAddress = new PublicAddress(Options, this, _time, _logger);
        _loop.Start();
        LogStarted(ports.Length, Port);
        TellBuffers(ports[0].Buffers);
        if (unusable.Count > 0) LogUnusable(string.Join(", ", unusable), Options.UseIPv6 ? "this process has no address of that family" : "ENABLE_IPV6 is off");
        _publicAddress.Start(ports);
    }

    /// <summary>The time of the media thread.</summary>
    public MonotonicTime Now => _loop?.Now ?? MonotonicTime.Zero;

    public bool TryPost(Action<BridgeShard, MonotonicTime> work, Action<Exception>? failed = null) => _loop?.TryPost(work, failed) ?? false;

    /// <summary>Takes a new sample of <see cref="Load"/>.</summary>
    public void SampleLoad()
    {
        if (_loop is { } loop) Load.Sample(loop.Meter.Published);
    }

    public void SetDrain(bool drain)
    {
        if (Draining == drain) return;
        Draining = drain;
        LogDrain(drain);
        StatusChanged?.Invoke();
    }

    /// <summary>Refuses new conferences from now on.</summary>
    public void BeginShutdown()
    {
        if (ShuttingDown) return;
        ShuttingDown = true;
        TryPost((shard, _) => shard.IsShuttingDown = true);
        StatusChanged?.Invoke();
    }

    public void Dispose()
    {
        _publicAddress?.Dispose();
        _loop?.Dispose();
        if (_loop is null) foreach (var port in _ports ?? []) port.Dispose();
        _certificate?.Dispose();
    }

    void IShardObserver.OnEndpointEnded(string meetingId, string endpointId, EndpointEnd reason) => LogEndpointEnded(endpointId, meetingId, reason);

    void IShardObserver.OnTransportFailed(string meetingId, string endpointId, PeerFailure failure)
    {
        // Who closes the page says goodbye over DTLS, often before focus has heard of it.
        if (failure == PeerFailure.DtlsClosedByRemote) LogTransportClosed(endpointId, meetingId);
        else LogTransportFailed(endpointId, meetingId, failure);
    }

    void IShardObserver.OnChannelLimited(string meetingId, string endpointId, ChannelRejection reason) => LogChannelLimited(endpointId, meetingId, reason);

    void IShardObserver.OnJoinStep(string meetingId, string endpointId, EndpointJoin join, EndpointJoinStep step) => BridgeSpans.Tell(meetingId, endpointId, join, step);

    void IShardObserver.OnFault(ShardFault kind, string? meetingId, string? endpointId, Exception error) => _faultLog.Tell(kind, meetingId, endpointId, error, _loop?.Now ?? MonotonicTime.Zero);

    private void TellBuffers(SocketBuffers buffers)
    {
        if (!OperatingSystem.IsLinux()) return;
        if (buffers.Receive < PortLimits.SocketBuffer) LogSmallBuffer(buffers.Receive, PortLimits.SocketBuffer, "receive", "net.core.rmem_max");
        if (buffers.Send < PortLimits.SocketBuffer) LogSmallBuffer(buffers.Send, PortLimits.SocketBuffer, "send", "net.core.wmem_max");
    }

    /// <summary>One certificate for the process, renewed daily; each endpoint keeps the one it was described with.</summary>
    private DtlsCertificate Certificate()
    {
        lock (_certificateLock)
        {
            var now = _time.GetUtcNow();
            if (_certificate is not null && now - _certificateMade < CertificateRenewal) return _certificate;

            // The old one is left to the collector: endpoints whose handshake has not begun still hold it.
            _certificateMade = now;
            return _certificate = DtlsCertificate.Create(now.AddDays(-1), now.AddDays(7));
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Media on UDP port {Port}; {Sockets} sockets")]
    private partial void LogStarted(int sockets, int port);

    [LoggerMessage(EventId = 9, Level = LogLevel.Warning, Message = "JVB_ADVERTISE_IPS: {Addresses} is not offered, since {Reason}")]
    private partial void LogUnusable(string addresses, string reason);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Drain: {Drain}")]
    private partial void LogDrain(bool drain);

    [LoggerMessage(EventId = 3, Level = LogLevel.Debug, Message = "Endpoint {Endpoint} of {Meeting} ended: {Reason}")]
    private partial void LogEndpointEnded(string endpoint, string meeting, EndpointEnd reason);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "Transport of {Endpoint} in {Meeting} failed: {Failure}")]
    private partial void LogTransportFailed(string endpoint, string meeting, PeerFailure failure);

    [LoggerMessage(EventId = 6, Level = LogLevel.Debug, Message = "Transport of {Endpoint} in {Meeting} closed by the client")]
    private partial void LogTransportClosed(string endpoint, string meeting);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning, Message = "{Endpoint} of {Meeting} writes more on its bridge channel than is passed on ({Reason}); said once")]
    private partial void LogChannelLimited(string endpoint, string meeting, ChannelRejection reason);

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning, Message = "The kernel grants {Granted} of {Wanted} bytes of {Kind} buffer: bursts beyond it are lost. Raise it: sysctl -w {Setting}={Wanted}")]
    private partial void LogSmallBuffer(int granted, int wanted, string kind, string setting);
}
