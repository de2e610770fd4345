using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Google.Protobuf;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Headless.Media;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.Primitives;
using Xunit.Abstractions;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>
/// Whatever one endpoint sends or has focus ask for, random and mutated: the media of the others, in its conference and in another, go on without a loss,
/// their state is as it was, and no exception comes up at all.
/// </summary>
public sealed class BlastRadiusTests(ITestOutputHelper output)
{
    private const int Burst = 10;
    private static readonly HeadlessEndpointOptions Options = new() { AudioLevel = 30, Encodings = [new VideoEncoding(320, 180, Bitrate.FromKbps(100))] };

    private static readonly string[] Messages =
    [
        """{"colibriClass":"ClientHello"}""",
        """{"colibriClass":"ReceiverVideoConstraints","lastN":2,"selectedSources":["v1-v0"],"onStageSources":["v1-v0"],"defaultConstraints":{"maxHeight":180,"maxFrameRate":15.5},"constraints":{"v1-v0":{"maxHeight":720}},"assumedBandwidthBps":1000000}""",
        """{"colibriClass":"LastNChangedEvent","lastN":3}""",
        """{"colibriClass":"ReceiverAudioSubscription","mode":"Include","list":["v1-a0"]}""",
        """{"colibriClass":"ReceiverAudioSubscription","all":true,"include":[],"exclude":["v1-a0"]}""",
        """{"colibriClass":"SourceVideoTypeMessage","sourceName":"v1-v0","videoType":"desktop"}""",
        """{"colibriClass":"VideoTypeMessage","videoType":"none"}""",
        """{"colibriClass":"EndpointMessage","to":"v1","msgPayload":{"type":"x","text":"\u00FC \ud83d\ude00"}}""",
        """{"colibriClass":"EndpointMessage","to":"","from":"v1","msgPayload":[1,2.5e3,null,true,{"a":{"b":[]}}]}""",
        """{"colibriClass":"EndpointStats","bitrate":{"download":1000},"jvbRTT":5,"s":"\ud800"}""",
    ];

    /// <summary>Each kind alone, so that one which ends the attacker's transport does not hide the others.</summary>
    [Theory]
    [InlineData("control", 11)]
    [InlineData("datagrams", 12)]
    [InlineData("media", 13)]
    [InlineData("sctp", 14)]
    [InlineData("data channel", 15)]
    [InlineData("websocket", 16)]
    public void Nothing_that_one_endpoint_sends_or_asks_for_reaches_the_others(string kind, ulong seed)
    {
        using var attack = new Attack(seed);
        var shots = Environment.GetEnvironmentVariable("MESH_TEST_MODE") switch
        {
            "full" => 10_000,
            "ci" => 2_000,
            _ => 500,
        };
        output.WriteLine($"{kind}: {shots} shots, {attack.Call.Network}");
        Action shoot = kind switch
        {
            "control" => attack.Control,
            "datagrams" => attack.Datagram,
            "media" => attack.Media,
            "sctp" => attack.Sctp,
            "data channel" => attack.DataChannel,
            _ => attack.WebSocket,
        };
        for (var i = 0; i < shots; i++)
        {
            attack.Assure();
            shoot();
            if (i % Burst == Burst - 1) attack.Call.Run(0.02);
            if (i % 250 == 249) attack.AssertUnharmed();
        }

        attack.AssertUnharmed();
        Assert.True(attack.Fired > shots / 2, $"{attack.Fired} of {shots}");
    }

    private sealed class Attack : IDisposable
    {
        private readonly SeededRandomSource _random;
        private readonly HeadlessEndpoint[] _victims;
        private readonly HeadlessEndpoint[] _others;
        private readonly List<byte[]> _datagrams = [];
        private readonly List<byte[]> _media = [];
        private readonly List<byte[]> _sctp = [];
        private readonly string _stateBefore;
        private HeadlessEndpoint? _attacker;
        private TransportAddress _address;
        private uint _attackers;
        private MonotonicTime _joinedAt;

        public Attack(ulong seed)
        {
            Call = new BridgeCall(seed);
            _random = new SeededRandomSource(Call.Network.Seed ^ 0xA77AC);
            _victims = [Call.Join(Options with { Id = "v1" }), Call.Join(Options with { Id = "v2" }, rewriting: false)];
            _others = [Call.Join(Options with { Id = "w1" }, meeting: "other"), Call.Join(Options with { Id = "w2" }, meeting: "other")];
            Call.Until(() => _victims.Concat(_others).All(e => e.IsConnected && e.IsChannelOpen && e.Streams.Values.Any(s => s.IsVideo && s.DecodableFrames > 5)), 20);
            Call.Network.Drop = d =>
            {
                if (d.Source == _address && _datagrams.Count < 2000) _datagrams.Add(d.Bytes.ToArray());
                return false;
            };
            _stateBefore = State();
        }

        public BridgeCall Call { get; }

        public int Fired { get; private set; }

        public void Dispose() => Call.Dispose();

        /// <summary>There is an attacker who is connected; after one that is gone comes the next.</summary>
        public void Assure()
        {
            var here = _attacker is not null && Call.Conference.Find(_attacker.Id) is not null;
            if (here && (_attacker!.IsConnected || Call.Network.Now - _joinedAt < TimeSpan.FromSeconds(3))) return;
            if (_attacker is not null) Call.Leave(_attacker);
            _attackers++;
            _address = TransportAddress.FromIPv4(0x0B000000 + _attackers, 5000);
            _attacker = Call.Join(Options with { Id = $"m{_attackers}" }, rewriting: _random.NextInt(2) == 0, at: _address);
            _attacker.SctpTap = p => Keep(_sctp, p);
            _attacker.MediaTap = p => Keep(_media, p);
            _joinedAt = Call.Network.Now;
            Call.Network.RunUntil(() => _attacker.IsConnected && _attacker.IsChannelOpen, TimeSpan.FromSeconds(5));
            Call.Run(0.3);
        }

        /// <summary>A change of the attacker's endpoint, as focus would pass it on: valid ones with bytes changed, and made up ones.</summary>
        public void Control()
        {
            var change = BridgeCall.Accept(_attacker!, Options with { Id = _attacker!.Id }, visitor: false);
            change.Media.Add(BridgeCall.Create(Options, rewriting: true, visitor: false).Media);
            change.Transport.Candidates.Add(new Candidate { Id = "1", Foundation = "1", Component = 1, Protocol = "udp", Priority = 7, Address = Pick("10.0.0.16", "10.0.0.254", "5.6.7.8", "::1", "224.0.0.1", "x.local"), Port = _random.NextInt(70000), Type = "host" });
            change.RestartIce = _random.NextInt(10) == 0;
            change.InitialLastN = _random.NextInt(5) - 2;
            if (_random.NextInt(3) == 0) change.Transport.Ufrag = new string((char)_random.NextInt(200), _random.NextInt(600));
            if (_random.NextInt(3) == 0) change.Transport.Password = new string('p', _random.NextInt(600));
            if (_random.NextInt(3) == 0) change.Sources.Sources_.Add(new Source { Name = Pick("v1-a0", "w1-a0", $"{_attacker.Id}-a0", "x\ny"), Type = (MediaType)_random.NextInt(4), Ssrcs = { Pick(_victims[0].AudioSsrc, _others[0].AudioSsrc, 0u, _random.NextUInt32()) } });
            if (_random.NextInt(3) == 0) change.Sources.Sources_[0].Groups.Add(new SsrcGroup { Semantics = Pick("SIM", "FID", "FEC-FR", ""), Ssrcs = { Enumerable.Range(0, _random.NextInt(40)).Select(_ => _random.NextUInt32()) } });
            var bytes = change.ToByteArray();
            if (_random.NextInt(2) == 0) Mutate(bytes);
            try
            {
                change = EndpointChange.Parser.ParseFrom(bytes);
            }
            catch (InvalidProtocolBufferException)
            {
                return;
            }

            // Whose change it is, and that a conference ends, is focus' to say and no client's.
            change.Id = _attacker.Id;
            if (change.Create) change.Create = false;
            ConferenceModifier.Modify(Call.Shard, BridgeCall.Request(r => r.Endpoints.Add(change)), overloaded: false, Call.Network.Now);
            Fired++;
        }

        /// <summary>What comes from its address, its own datagrams of before among it.</summary>
        public void Datagram()
        {
            if (_datagrams.Count == 0) return;
            var bytes = Mutated(_datagrams);
            Call.Shard.HandleDatagram(bytes, Call.Port.Local, _address, Call.Network.Now);
            Call.Network.Drain();
            Fired++;
        }

        /// <summary>RTP and RTCP with its own keys, so that they are let in and read.</summary>
        public void Media()
        {
            if (_media.Count == 0 || !_attacker!.IsConnected) return;
            var bytes = Mutated(_media);
            if (bytes.Length < 12) return;
            _attacker.SendMedia(bytes, isRtcp: (bytes[1] & 0x7F) is >= 64 and < 96);
            Call.Network.Drain();
            Fired++;
        }

        /// <summary>SCTP inside its own DTLS connection, with a right checksum.</summary>
        public void Sctp()
        {
            if (_sctp.Count == 0 || !_attacker!.IsConnected) return;
            var bytes = Mutated(_sctp);
            if (bytes.Length < 12) return;
            WriteChecksum(bytes);
            _attacker.SendOverDtls(bytes, Call.Network.Now);
            Call.Network.Drain();
            Fired++;
        }

        public void DataChannel()
        {
            if (!_attacker!.IsChannelOpen || !_attacker.SendChannelMessage(Message(), Call.Network.Now)) return;
            Call.Network.Drain();
            Fired++;
        }

        public void WebSocket()
        {
            var endpoint = Call[_attacker!.Id];
            if (Fired % 50 == 0) Call.Shard.Run(endpoint, ShardFault.Channel, () => endpoint.Channel.OnSocketOpened(new FakeConnection(), Call.Network.Now), Call.Network.Now);
            var message = Message();
            Call.Shard.Run(endpoint, ShardFault.Channel, () => endpoint.Channel.OnMessage(message, overData: false, Call.Network.Now), Call.Network.Now);
            Call.Network.Drain();
            Fired++;
        }

        public void AssertUnharmed()
        {
            Assert.Empty(Call.Errors);
            Assert.Equal(_stateBefore, State());
            Assert.Equal(2, Call.Shard.Conferences.Count);
            Assert.DoesNotContain(Call.Ended, e => e.Endpoint[0] is 'v' or 'w');
            AssertHears(_others, "w");
            AssertHears(_victims, "v");
        }

        private void AssertHears(HeadlessEndpoint[] pair, string prefix)
        {
            var audio = pair.Select(e => AudioOf(e, prefix)).ToArray();
            var before = audio.Select(s => s.Packets).ToArray();
            Call.Run(1);
            for (var i = 0; i < pair.Length; i++)
            {
                Assert.True(pair[i].IsConnected, Call.ToString());
                Assert.InRange(audio[i].Packets - before[i], 45, 55);
                Assert.Equal((0, 0), (audio[i].Lost, audio[i].Duplicates));
            }
        }

        /// <summary>The stream of the other of the two.</summary>
        private ReceivedStream AudioOf(HeadlessEndpoint receiver, string prefix)
        {
            var sender = _victims.Concat(_others).Single(e => e.Id != receiver.Id && e.Id.StartsWith(prefix, StringComparison.Ordinal));
            var ssrc = receiver.Channel.Sources.Values.LastOrDefault(s => s.Source == $"{sender.Id}-a0")?.Ssrc ?? sender.AudioSsrc;
            return receiver.Streams[ssrc];
        }

        /// <summary>What belongs to the others alone.</summary>
        private string State() => string.Join('\n', Call.Shard.Conferences.SelectMany(c => c.Endpoints).Where(e => e.Id[0] is 'v' or 'w').Select(e =>
            $"{e.Conference.MeetingId} {e.Id} {e.ForceMuteAudio} {e.ForceMuteVideo} {e.Formats.Version} {e.Allocation.Settings.LastN} {e.IsConnected} {e.Failure} {e.Transport.Ice.RemoteUfrag} "
            + $"{string.Join(',', e.AudioSources.Select(s => $"{s.Name}={s.Ssrc}"))} {string.Join(',', e.VideoSources.Select(s => $"{s.Name}={s.VideoType}={string.Join('+', s.Encodings.Select(x => x.Ssrc))}"))}"));

        private byte[] Message()
        {
            var bytes = Encoding.UTF8.GetBytes(Messages[_random.NextInt(Messages.Length)]);
            if (_random.NextInt(3) > 0) Mutate(bytes);
            return _random.NextInt(10) == 0 ? bytes[.._random.NextInt(bytes.Length)] : bytes;
        }

        private byte[] Mutated(List<byte[]> samples)
        {
            var bytes = (byte[])samples[_random.NextInt(samples.Count)].Clone();
            Mutate(bytes);
            return _random.NextInt(6) == 0 ? bytes[.._random.NextInt(bytes.Length)] : bytes;
        }

        private void Mutate(byte[] bytes)
        {
            for (var changes = _random.NextInt(5); changes > 0 && bytes.Length > 0; changes--)
            {
                var at = _random.NextInt(bytes.Length);
                bytes[at] = _random.NextInt(3) switch
                {
                    0 => (byte)(bytes[at] ^ (1 << _random.NextInt(8))),
                    1 => (byte)_random.NextUInt32(),
                    _ => Pick<byte>(0, 1, 0x7F, 0x80, 0xFF),
                };
            }
        }

        /// <summary>CRC32c over the packet with zeros in the checksum's place (RFC 9260 appendix A).</summary>
        private static void WriteChecksum(byte[] packet)
        {
            packet.AsSpan(8, 4).Clear();
            var crc = uint.MaxValue;
            foreach (var value in packet) crc = BitOperations.Crc32C(crc, value);
            BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), ~crc);
        }

        private T Pick<T>(params ReadOnlySpan<T> values) => values[_random.NextInt(values.Length)];

        private void Keep(List<byte[]> samples, ReadOnlyMemory<byte> packet)
        {
            if (samples.Count < 500) samples.Add(packet.ToArray());
        }
    }
}
