using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;
using JitsiMesh.Fuzz.Tests;
using JitsiMesh.Mesh.Tests.UnderTest;
using JitsiMesh.Primitives;
using static JitsiMesh.Mesh.Tests.UnderTest.Attacker;

namespace JitsiMesh.Mesh.Tests.Scenarios;

/// <summary>Mutated packets to the bridge's port, from strangers' addresses and from a joined endpoint's own, while a call goes on.</summary>
public static class HostileScenarios
{
    private const string Drops = "jitsimesh_bridge_dropped_packets";

    /// <summary>Packets before everybody else gets a turn: on two processors the bridge must be able to follow.</summary>
    private const int Burst = 20;

    private const byte InitChunk = 1;
    private const byte CookieEchoChunk = 10;

    /// <summary>Each message that the bridge knows.</summary>
    private static readonly string[] ChannelMessages =
    [
        """{"colibriClass":"ClientHello"}""",
        """{"colibriClass":"ReceiverVideoConstraints","lastN":2,"selectedSources":["VICTIM-v0"],"onStageSources":["VICTIM-v0"],"defaultConstraints":{"maxHeight":180,"maxFrameRate":15.5},"constraints":{"VICTIM-v0":{"maxHeight":720}},"assumedBandwidthBps":1000000}""",
        """{"colibriClass":"LastNChangedEvent","lastN":3}""",
        """{"colibriClass":"ReceiverAudioSubscription","mode":"Include","list":["VICTIM-a0"]}""",
        """{"colibriClass":"ReceiverAudioSubscription","all":true,"include":[],"exclude":["VICTIM-a0"]}""",
        """{"colibriClass":"SourceVideoTypeMessage","sourceName":"SELF-v0","videoType":"desktop"}""",
        """{"colibriClass":"VideoTypeMessage","videoType":"camera"}""",
        """{"colibriClass":"EndpointMessage","to":"VICTIM","msgPayload":{"type":"x","text":"M\u00FCnchen \ud83d\ude00"}}""",
        """{"colibriClass":"EndpointMessage","to":"","from":"VICTIM","msgPayload":[1,2.5e3,null,true,{"a":{"b":[]}}]}""",
        """{"colibriClass":"EndpointStats","bitrate":{"download":1000,"upload":2000},"packetLoss":{"total":0},"connectionQuality":100,"jvbRTT":5}""",
    ];

    /// <summary>Shots between two looks whether the attacker is still served.</summary>
    private const int Round = 500;

    public static Task Stun(IMeshUnderTest mesh, TestReport report) =>
        CallUnderFire.RunAsync(mesh, "hostile-stun", 61, Drops, 0.8, report, (call, shots) => DatagramsAsync(call, shots, 610, Kind.Stun));

    public static Task Dtls(IMeshUnderTest mesh, TestReport report) =>
        CallUnderFire.RunAsync(mesh, "hostile-dtls", 62, Drops, 0.8, report, (call, shots) => DatagramsAsync(call, shots, 620, Kind.Dtls));

    /// <summary>Half of what comes from the attacker's address is protected with his own keys, so that it is let in and read.</summary>
    public static Task Srtp(IMeshUnderTest mesh, TestReport report) => CallUnderFire.RunAsync(mesh, "hostile-srtp", 63, Drops, 0.6, report, async (call, shots) =>
    {
        await DatagramsAsync(call, shots * 2 / 3, 630, Kind.Srtp);
        await ProtectedAsync(call, shots - (shots * 2 / 3), 631, Kind.Rtp);
    });

    public static Task Rtcp(IMeshUnderTest mesh, TestReport report) => CallUnderFire.RunAsync(mesh, "hostile-rtcp", 64, Drops, 0.6, report, async (call, shots) =>
    {
        await DatagramsAsync(call, shots * 2 / 3, 640, Kind.Srtcp);
        await ProtectedAsync(call, shots - (shots * 2 / 3), 641, Kind.Rtcp);
    });

    /// <summary>SCTP inside the attacker's own DTLS connection; most with a right checksum, for the others end there.</summary>
    public static Task Sctp(IMeshUnderTest mesh, TestReport report) => CallUnderFire.RunAsync(mesh, "hostile-sctp", 65, Drops, 0.2, report, async (call, shots) =>
    {
        await using var attacker = new Attacker(call, 650, sendsMedia: false);
        await attacker.JoinAsync();
        Mutator setup = null!, later = null!;
        await LearnAsync();
        await InRoundsAsync(
            attacker,
            shots,
            () => attacker.Fire((endpoint, now) =>
            {
                for (var i = 0; i < Burst; i++)
                {
                    var packet = (call.Random.NextInt(50) == 0 ? setup : later).Next().ToArray();
                    if (packet.Length >= 12 && call.Random.NextInt(8) > 0) WriteChecksum(packet);
                    endpoint.SendOverDtls(packet, now);
                }
            }),
            LearnAsync);
        call.Say($"  {attacker.Joins} joins");

        // Another association has other tags, and knows no packet of the one before.
        async Task LearnAsync()
        {
            await SampleAsync(attacker);
            var samples = attacker.Samples(Kind.Sctp).ToLookup(packet => packet[12] is InitChunk or CookieEchoChunk);
            (setup, later) = (new Mutator([.. samples[true]], call.Random), new Mutator([.. samples[false]], call.Random));
        }
    });

    /// <summary>Messages of the bridge channel, by turns over the data channel and over a WebSocket.</summary>
    public static Task Channel(IMeshUnderTest mesh, TestReport report) => CallUnderFire.RunAsync(mesh, "hostile-channel", 66, Drops, 0.3, report, async (call, shots) =>
    {
        foreach (var overData in (bool[])[true, false])
        {
            await using var attacker = new Attacker(call, overData ? 660u : 661u, overData);
            await attacker.JoinAsync();
            var mutator = new Mutator([.. ChannelMessages.Select(m => Encoding.UTF8.GetBytes(m.Replace("VICTIM", call.People[0].Nick, StringComparison.Ordinal).Replace("SELF", attacker.Client.Nick, StringComparison.Ordinal)))], call.Random);
            var (before, sent) = (await attacker.ChannelMessagesAsync(), 0);
            for (var fired = 0; fired < shots / 2; fired += Burst)
            {
                for (var i = 0; i < Burst; i++)
                {
                    var message = mutator.Next().ToArray();
                    if (message.Length == 0) continue;
                    while (!attacker.Say(message)) await Task.Delay(1);
                    sent++;
                }

                if (fired % Round != 0) continue;
                await call.ExpectAsync("the bridge has read it all", () => attacker.ChannelMessagesAsync().GetAwaiter().GetResult() >= before + sent);
            }

            await call.ExpectAsync("the bridge has read it all", () => attacker.ChannelMessagesAsync().GetAwaiter().GetResult() >= before + sent);
        }
    });

    /// <summary>Strangers and the attacker by turns.</summary>
    private static async Task DatagramsAsync(CallUnderFire call, int shots, ulong seed, Kind kind)
    {
        await using var attacker = new Attacker(call, seed);
        await attacker.JoinAsync();
        await SampleAsync(attacker);
        var mutator = new Mutator(attacker.Samples(kind), call.Random);
        var strangers = Enumerable.Range(0, 8).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)).ToArray();
        foreach (var stranger in strangers) stranger.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await InRoundsAsync(attacker, shots, () =>
        {
            for (var i = 0; i < Burst; i++)
            {
                var packet = mutator.Next().ToArray();

                // Some with a number that was not seen yet, for the others are not even authenticated.
                if (kind == Kind.Srtp && packet.Length >= 4 && call.Random.NextInt(2) == 0) BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)call.Random.NextInt(65536));
                if (i % 2 == 0) attacker.SendRaw(packet);
                else strangers[i / 2 % strangers.Length].SendTo(packet, call.Mesh.Media);
            }
        });
        foreach (var stranger in strangers) stranger.Dispose();
    }

    private static async Task ProtectedAsync(CallUnderFire call, int shots, ulong seed, Kind kind)
    {
        await using var attacker = new Attacker(call, seed);
        await attacker.JoinAsync();
        await SampleAsync(attacker);
        var mutator = new Mutator(attacker.Samples(kind), call.Random);
        var number = (ushort)0;
        attacker.Fire((endpoint, now) =>
        {
            endpoint.PauseAudio(true, now);
            endpoint.PauseVideo(true, now);
            number = (ushort)(attacker.Samples(Kind.Rtp).Max(p => BinaryPrimitives.ReadUInt16BigEndian(p.AsSpan(2))) + 1000);
        });
        await InRoundsAsync(attacker, shots, () => attacker.Fire((endpoint, _) =>
        {
            for (var i = 0; i < Burst; i++)
            {
                // Most with the next number: what was seen before is not looked at.
                var packet = mutator.Next().ToArray();
                if (kind == Kind.Rtp && packet.Length >= 4 && call.Random.NextInt(8) > 0) BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), number++);
                endpoint.SendMedia(packet, kind == Kind.Rtcp);
            }
        }));
    }

    private static async Task InRoundsAsync(Attacker attacker, int shots, Action burst, Func<Task>? learn = null)
    {
        for (var fired = 0; fired < shots; fired += Burst)
        {
            if (fired % Round == 0 && await attacker.EnsureInAsync() && learn is not null) await learn();
            burst();
            await Task.Delay(1);
        }
    }

    /// <summary>Behaves for a moment: media, reports, and something said on the channel.</summary>
    private static async Task SampleAsync(Attacker attacker)
    {
        for (var i = 0; i < 5; i++)
        {
            attacker.Client.SendChannelMessage("""{"colibriClass":"ReceiverVideoConstraints","lastN":-1,"defaultConstraints":{"maxHeight":180}}""");
            await Task.Delay(100);
        }
    }

    private static void WriteChecksum(Span<byte> packet)
    {
        packet.Slice(8, 4).Clear();
        var crc = uint.MaxValue;
        foreach (var value in packet) crc = BitOperations.Crc32C(crc, value);
        BinaryPrimitives.WriteUInt32LittleEndian(packet[8..], ~crc);
    }
}
