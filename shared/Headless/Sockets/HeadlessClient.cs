using System.Net.WebSockets;
using System.Text;
using JitsiMesh.Dtls;
using JitsiMesh.Headless.Media;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Streams;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Headless.Sockets;

/// <summary>
/// The thin shell around a <see cref="HeadlessParticipant"/>: its WebSocket, its clock, and its media on a <see cref="UdpEndpointRunner"/>.
/// Safe from any thread; conditions and readings run under its lock.
/// </summary>
public sealed partial class HeadlessClient : IAsyncDisposable
{
    private static readonly TimeSpan ConnectionLimit = TimeSpan.FromSeconds(10);
    private readonly HeadlessClientOptions _options;
    private readonly UdpEndpointRunner _runner;
    private readonly IRandomSource _random;
    private readonly HeadlessParticipant _participant;
    private readonly Lock _gate = new();
    private readonly List<ParticipantEvent> _history = [];
    private FrameSocket? _socket;
    private FrameSocket? _channelSocket;
    private HeadlessEndpoint? _endpoint;
    private MonotonicTime _tickAt = MonotonicTime.Never;
    private string? _channelFailure;

    public HeadlessClient(HeadlessClientOptions options, UdpEndpointRunner runner, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _runner = runner;
        _random = random;
        _participant = new HeadlessParticipant(options.Participant, random);
    }

    public string Nick => Read(p => p.Nick) ?? "";

    /// <summary>The endpoint of the session in force. Look at it inside <see cref="ReadMedia{T}"/>.</summary>
    public HeadlessEndpoint? Endpoint => _endpoint;

    /// <summary>Why the bridge channel's WebSocket could not be opened; null when it could, or was not needed.</summary>
    public string? ChannelFailure => _channelFailure;

    /// <summary>When media of the session in force first connected; <see cref="MonotonicTime.Never"/> before.</summary>
    public MonotonicTime ConnectedAt => ReadMedia(e => e.ConnectedAt, MonotonicTime.Never);

    /// <summary>Looks at the participant under its lock.</summary>
    public T Read<T>(Func<HeadlessParticipant, T> reader)
    {
        lock (_gate) return reader(_participant);
    }

    /// <summary>Looks at the endpoint between two rounds of its thread; <paramref name="without"/> when there is none.</summary>
    public T ReadMedia<T>(Func<HeadlessEndpoint, T> reader, T without) => _endpoint is { } endpoint ? _runner.Invoke(_ => reader(endpoint)) : without;

    /// <summary>Runs an action on the participant, and sends the resulting output.</summary>
    public void Do(Action<HeadlessParticipant, MonotonicTime> action)
    {
        lock (_gate)
        {
            action(_participant, UdpEndpointRunner.Now);
            Flush();
        }
    }

    /// <summary>All events so far, in order.</summary>
    public IReadOnlyList<ParticipantEvent> History
    {
        get
        {
            lock (_gate) return [.. _history];
        }
    }

    /// <summary>Opens the WebSocket and starts the stream, or resumes it.</summary>
    /// <exception cref="WebSocketException">The socket could not be opened.</exception>
    public Task ConnectAsync(CancellationToken cancellation = default) => ConnectAsync(_options.WebSocket, cancellation);

    /// <summary>The same by another door than the options': a session may be resumed at another node.</summary>
    /// <param name="door">An XMPP WebSocket, without a query.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="WebSocketException">The socket could not be opened.</exception>
    public async Task ConnectAsync(Uri door, CancellationToken cancellation = default)
    {
        var query = "room=" + Uri.EscapeDataString(_options.Participant.Room);
        if (Read(p => p.Stream.ResumeId) is { } id) query += "&previd=" + id;
        var address = new UriBuilder(door) { Query = query }.Uri;
        var socket = await FrameSocket.OpenAsync(address, "xmpp", _options.TrustAnyCertificate, cancellation).ConfigureAwait(false);
        if (_socket is { } old) await old.DisposeAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _socket = socket;
            _participant.SocketOpened(UdpEndpointRunner.Now);
            Flush();
        }

        socket.Start(
            frame =>
            {
                lock (_gate)
                {
                    if (_socket != socket) return;
                    _participant.HandleFrame(frame, UdpEndpointRunner.Now);
                    Flush();
                }
            },
            () =>
            {
                lock (_gate)
                {
                    if (_socket == socket) _participant.SocketClosed();
                }
            });
    }

    /// <summary>Connects, requests the conference, joins.</summary>
    public async Task JoinAsync(CancellationToken cancellation = default)
    {
        if (Read(p => p.Stream.Phase) is StreamPhase.Idle or StreamPhase.Suspended) await ConnectAsync(cancellation).ConfigureAwait(false);
        Do((p, now) => p.Join(now));
    }

    /// <summary>Cuts the WebSocket as a network does, and sees it.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _socket?.Cut();
            _participant.SocketClosed();
        }
    }

    /// <summary>Sends text on the WebSocket past the participant.</summary>
    public void SendRaw(string frame)
    {
        lock (_gate) _socket?.Send(frame);
    }

    /// <summary>Leaves the room and ends the media; the login stays.</summary>
    public void Leave()
    {
        Do((p, _) => p.Leave());
        EndMedia();
    }

    /// <summary>Mutes or unmutes audio or video: media and presence.</summary>
    public void SetMuted(MediaKind kind, bool muted)
    {
        lock (_gate)
        {
            if (kind == MediaKind.Audio) _participant.Presence.AudioMuted = muted;
            else _participant.Presence.VideoMuted = muted;
            _participant.SendPresence();
            Flush();
        }

        if (_endpoint is not { } endpoint) return;
        _runner.Invoke(now =>
        {
            if (kind == MediaKind.Audio) endpoint.PauseAudio(muted, now);
            else endpoint.PauseVideo(muted, now);
        });
    }

    /// <summary>Sends a message on the bridge channel, over its current transport.</summary>
    public bool SendChannelMessage(string json)
    {
        if (_channelSocket is { } socket)
        {
            socket.Send(json);
            return true;
        }

        return _endpoint is { } endpoint && _runner.Invoke(now => endpoint.SendChannelMessage(json, now));
    }

    /// <summary>Waits until the condition holds; false on a timeout.</summary>
    public async Task<bool> WaitAsync(Func<HeadlessClient, bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        for (var end = UdpEndpointRunner.Now + limit; UdpEndpointRunner.Now < end;)
        {
            if (_runner.Failure is { } failure) throw new InvalidOperationException("The endpoints' thread failed.", failure);
            if (condition(this)) return true;
            await Task.Delay(10).ConfigureAwait(false);
        }

        return condition(this);
    }

    public async ValueTask DisposeAsync()
    {
        Do((p, _) => p.Stream.Close());
        EndMedia();
        if (_socket is { } socket) await socket.DisposeAsync().ConfigureAwait(false);
        if (_channelSocket is { } channel) await channel.DisposeAsync().ConfigureAwait(false);
    }

    private void Flush()
    {
        while (_participant.TryDequeueFrame(out var frame)) _socket?.Send(frame);
        while (_participant.TryDequeueEvent(out var occurrence))
        {
            _history.Add(occurrence);
            Handle(occurrence);
            while (_participant.TryDequeueFrame(out var frame)) _socket?.Send(frame);
        }

        if (_participant.NextTimeout == _tickAt) return;
        _tickAt = _participant.NextTimeout;
        if (_tickAt != MonotonicTime.Never) _ = TickAsync(_tickAt - UdpEndpointRunner.Now);
    }

    private async Task TickAsync(TimeSpan wait)
    {
        if (wait > TimeSpan.Zero) await Task.Delay(wait).ConfigureAwait(false);
        lock (_gate)
        {
            // A delay counts whole milliseconds and may end too early: the rest is then waited for again.
            _tickAt = MonotonicTime.Never;
            _participant.HandleTimeout(UdpEndpointRunner.Now);
            Flush();
        }
    }

    private void Handle(ParticipantEvent occurrence)
    {
        switch (occurrence)
        {
            case ParticipantEvent.Offered when !_options.AnswersOffers:
                break;
            case ParticipantEvent.Offered offered:
                Answer(offered.Offer);
                break;
            case ParticipantEvent.SourcesAdded added:
                ExpectRetransmissions(added.Sources);
                break;
            case ParticipantEvent.Muted muted:
                _participant.Presence.AudioMuted |= muted.Kind == MediaKind.Audio;
                _participant.Presence.VideoMuted |= muted.Kind == MediaKind.Video;
                _participant.SendPresence();
                if (_endpoint is { } endpoint)
                {
                    _runner.Invoke(now =>
                    {
                        if (muted.Kind == MediaKind.Audio) endpoint.PauseAudio(true, now);
                        else endpoint.PauseVideo(true, now);
                    });
                }

                break;
            case ParticipantEvent.Terminated or ParticipantEvent.Left:
                EndMedia();
                break;
        }
    }

    private void Answer(JingleMessage offer)
    {
        EndMedia();
        var transport = offer.Contents.Select(c => c.Transport).OfType<IceUdpTransport>().FirstOrDefault();
        if (transport?.Ufrag is not { } ufrag || transport.Password is not { } password) return;
        var overData = _options.Participant.DataChannel && offer.Contents.Any(c => c.Name == "data");
        var options = OfferedFormats.Apply(_options.Media, offer) with
        {
            Id = _participant.Nick!,
            UsesDataChannel = overData,
            SendsAudio = _options.Participant.SendsAudio,
            SendsVideo = _options.Participant.SendsVideo,
        };
        var endpoint = _runner.Add(options, _random, _options.LocalAddress);
        _endpoint = endpoint;
        ExpectRetransmissions(_participant.RemoteSources);
        _participant.Accept(LocalMedia.Of(endpoint, _participant.Nick!, _options.Participant));
        var isIPv4 = _options.LocalAddress is not { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 };
        var candidates = transport.Candidates.Select(c => IceDescriptions.TryFromJingle(c, out var candidate) ? candidate : null).OfType<Ice.Candidate>()
            .Where(c => c.Address.IsIPv4 == isIPv4 && _options.Ways.HasFlag(WayOf(c))).ToList();
        var fingerprints = transport.Fingerprints.Select(f => new Fingerprint(f.Hash, f.Value)).ToList();
        _runner.Invoke(now => endpoint.Connect(ufrag, password, candidates.Where(c => !c.Address.IsTcp), fingerprints, now, transport.Fingerprints is [var first, ..] ? first.Setup : "actpass"));
        foreach (var candidate in candidates.Where(c => c.Address.IsTcp)) _ = _runner.ConnectAsync(endpoint, candidate, _options.LocalAddress, ConnectionLimit);
        if (!overData && transport.WebSockets is [var url, ..]) _ = OpenChannelAsync(endpoint, new Uri(url));
    }

    private static MediaWays WayOf(Ice.Candidate candidate) => candidate.Protocol switch
    {
        "ssltcp" => MediaWays.SslTcp,
        "tcp" => MediaWays.Tcp,
        _ => MediaWays.Udp,
    };

    private async Task OpenChannelAsync(HeadlessEndpoint endpoint, Uri url)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            var socket = await FrameSocket.OpenAsync(url, null, _options.TrustAnyCertificate, limit.Token).ConfigureAwait(false);
            _channelSocket = socket;
            socket.Start(
                message => _runner.Invoke(_ =>
                {
                    if (_endpoint == endpoint) endpoint.HandleChannelMessage(Encoding.UTF8.GetBytes(message));
                }),
                () => Interlocked.CompareExchange(ref _channelSocket, null, socket));
            socket.Send("""{"colibriClass":"ClientHello"}""");
            if (_options.Media.ReceiverConstraints is { } constraints) socket.Send(constraints);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            _channelFailure = e.Message;
        }
    }

    private void ExpectRetransmissions(SourceMap sources)
    {
        if (_endpoint is not { } endpoint) return;
        _runner.Invoke(_ =>
        {
            foreach (var (_, set) in sources.Entries)
            {
                foreach (var group in set.Groups.Where(g => g.Semantics == GroupSemantics.Fid && g.Ssrcs.Count == 2)) endpoint.ExpectRtx(group.Ssrcs[0], group.Ssrcs[1]);
            }
        });
    }

    private void EndMedia()
    {
        if (Interlocked.Exchange(ref _endpoint, null) is { } endpoint) _runner.Remove(endpoint);
        if (Interlocked.Exchange(ref _channelSocket, null) is { } channel) _ = channel.DisposeAsync().AsTask();
    }
}
