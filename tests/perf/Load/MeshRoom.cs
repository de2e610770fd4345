using System.Text;
using JitsiMesh.Dtls;
using JitsiMesh.Headless.Media;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Jingle;
using JitsiMesh.Perf.Processes;
using JitsiMesh.Primitives;

namespace JitsiMesh.Perf.Load;

/// <summary>Joins a sender and receivers to one conference of JitsiMesh, over XMPP and Jingle like a browser.</summary>
internal sealed class MeshRoom : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly List<Member> _members = [];

    private MeshRoom(LoadRoom room) => Room = room;

    public LoadRoom Room { get; }

    public static async Task<MeshRoom> JoinAsync(LoadEngine engine, Uri webSocket, string name, int receivers)
    {
        var members = new List<Member>();
        for (var i = 0; i <= receivers; i++) members.Add(await Member.JoinAsync(engine, webSocket, name, sends: i == 0));

        // The conference starts with the second participant; the offers arrive then.
        foreach (var member in members) await member.Answered.WaitAsync(Limit);
        var clients = members.ConvertAll(m => m.Client);
        await engine.WaitAsync("every client connects and has its channel", () => clients.TrueForAll(c => c.Link is WebRtcLink { IsConnected: true, HasChannel: true }), Limit);
        var room = new MeshRoom(engine.Form(name, clients));
        room._members.AddRange(members);
        return room;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members) await member.DisposeAsync();
    }

    private sealed class Member : IAsyncDisposable
    {
        private readonly LoadEngine _engine;
        private readonly HeadlessParticipant _participant;
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TextSocket _socket;
        private readonly bool _sends;
        private readonly Lock _gate = new();

        private Member(LoadEngine engine, TextSocket socket, string room, bool sends)
        {
            _engine = engine;
            _socket = socket;
            _sends = sends;
            _participant = new HeadlessParticipant(new ParticipantOptions { Room = room, SendsAudio = false, SendsVideo = sends }, SecureRandomSource.Instance);
        }

        public LoadClient Client { get; private set; } = null!;

        public Task Answered => _answered.Task;

        public static async Task<Member> JoinAsync(LoadEngine engine, Uri address, string room, bool sends)
        {
            var socket = await TextSocket.OpenAsync(new UriBuilder(address) { Query = "room=" + room }.Uri);
            var member = new Member(engine, socket, room, sends);
            member._socket.Start(frame => member.OnFrame(Encoding.UTF8.GetString(frame)));
            member.Do((p, now) => p.SocketOpened(now));
            member.Do((p, now) => p.Join(now));
            for (var end = LoadClock.Now + Limit; !member._joined.Task.IsCompleted;)
            {
                await Task.WhenAny(member._joined.Task, Task.Delay(250));
                if (LoadClock.Now > end) throw new TimeoutException($"Could not join {room} in time.");
                member.Do((p, now) => p.HandleTimeout(now));
                if (member._joined.Task.IsFaulted) await member._joined.Task;
                if (member._participant.Stream.Failure is { } failure) throw new InvalidOperationException($"Could not join: {failure}");
            }

            return member;
        }

        public ValueTask DisposeAsync() => _socket.DisposeAsync();

        private void OnFrame(string frame) => Do((p, now) => p.HandleFrame(frame, now));

        private void Do(Action<HeadlessParticipant, MonotonicTime> action)
        {
            lock (_gate)
            {
                action(_participant, LoadClock.Now);
                while (_participant.TryDequeueEvent(out var occurrence))
                {
                    if (occurrence is ParticipantEvent.Offered offered) Answer(offered.Offer);
                    if (occurrence is ParticipantEvent.Refused refused) _joined.TrySetException(new InvalidOperationException(refused.ToString()));
                }

                while (_participant.TryDequeueFrame(out var frame)) _socket.Send(Encoding.UTF8.GetBytes(frame));
                if (_participant.IsJoined) _joined.TrySetResult();
            }
        }

        private void Answer(JingleMessage offer)
        {
            var transport = offer.Contents.Select(c => c.Transport).OfType<IceUdpTransport>().First();
            var formats = OfferedFormats.Apply(new HeadlessEndpointOptions(), offer);
            var socket = new LoadSocket(HostAddress.Value, 0);
            var constraints = """{"colibriClass":"ReceiverVideoConstraints","lastN":-1,"defaultConstraints":{"maxHeight":720}}""";
            var link = new WebRtcLink(socket.Local, controlling: false, constraints);
            var ssrc = SecureRandomSource.Instance.NextUInt32();
            Client = new LoadClient(socket, link, ssrc)
            {
                Formats = new LoadFormats(formats.Vp8PayloadType, formats.TransportCcExtension),
                Feed = _sends ? new VideoFeed(ssrc, formats.Vp8PayloadType, formats.TransportCcExtension) : null,
            };
            var nick = _participant.Nick!;
            var local = new IceUdpTransport
            {
                Ufrag = link.Ufrag,
                Password = link.Password,
                RtcpMux = true,
                Fingerprints = [new DtlsFingerprint("sha-256", "active", link.Fingerprint)],
                Candidates = [IceDescriptions.ToJingle(link.LocalCandidate)],
            };
            var msid = $"{nick}-video-0-1 {nick}-video-track";
            var sources = _sends
                ? new SourceSet(
                    [new Source(ssrc, MediaKind.Video, nick + "-v0", msid), new Source(ssrc + 1, MediaKind.Video, nick + "-v0", msid)],
                    [new SsrcGroup(GroupSemantics.Fid, MediaKind.Video, [ssrc, ssrc + 1])])
                : new SourceSet([], []);
            _participant.Accept(new LocalMedia(local, sources));
            var candidates = transport.Candidates.Select(c => IceDescriptions.TryFromJingle(c, out var candidate) ? candidate : null).Where(c => c is { Address.IsIPv4: true }).Select(c => c!).ToList();
            _engine.Invoke(now => link.Connect(transport.Ufrag!, transport.Password!, candidates, [.. transport.Fingerprints.Select(f => new Fingerprint(f.Hash, f.Value))], transport.Fingerprints[0].Setup, now));
            _engine.Add(Client);
            _answered.TrySetResult();
        }
    }
}
