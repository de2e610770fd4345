using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Client;
using JitsiMesh.Turn.Server;
using JitsiMesh.Turn.Tests.Kit;

namespace JitsiMesh.Turn.Tests.Fuzz;

public sealed class TurnServerFuzzTests
{
    private static int Shots => Environment.GetEnvironmentVariable("MESH_TEST_MODE") switch { "full" => 100_000, "ci" => 10_000, _ => 3_000 };

    /// <summary>Messages with right credentials are mutated before they are signed, so that what is wrong gets past the signature.</summary>
    [Fact]
    public void Mutated_messages_harm_nobody_and_reach_no_stranger()
    {
        var world = new TurnWorld(new TurnLimits { AnswersPerSecondToAll = 1_000_000, AnswersBurst = 1_000_000, UserOctetsPerSecond = 1_000_000_000, AddressOctetsPerSecond = 1_000_000_000 });
        var random = new SeededRandomSource(0x7E57);
        var bystander = world.Person("bystander", 39999, address: 0x0C0C0C0C).Connects();
        var attacker = world.Person("attacker").Connects();
        var allocation = attacker.Allocation();
        ushort[] types = [0x0006, 0x0008, 0x0009, 0x000C, 0x000D, 0x0012, 0x0013, 0x0014, 0x0015, 0x0016, 0x0017, 0x0018, 0x0019, 0x001A, 0x0020, 0x0022, 0x8022, 0x8028];
        StunMethod[] methods = [StunMethod.Binding, TurnMethod.Allocate, TurnMethod.Refresh, TurnMethod.Send, TurnMethod.Data, TurnMethod.CreatePermission, TurnMethod.ChannelBind, (StunMethod)0xABC];
        for (var shot = 0; shot < Shots; shot++)
        {
            if (!world.Server.HasAllocation(attacker.Tuple)) attacker.Connects();
            byte[] packet;
            switch (random.NextInt(4))
            {
                case 0:
                    packet = attacker.Messages.Request(methods[random.NextInt(methods.Length)], Attributes(random, types));
                    break;
                case 1:
                    packet = attacker.Messages.Send(TurnWorld.Bridge, Bytes(random, random.NextInt(200)));
                    Flip(packet, random);
                    break;
                case 2:
                    packet = TurnClientMessages.Channel((ushort)(0x4000 + random.NextInt(3)), Bytes(random, random.NextInt(200)));
                    Flip(packet, random);
                    break;
                default:
                    packet = attacker.Messages.BindChannel(0x4000, TurnWorld.Bridge);
                    Flip(packet, random);
                    break;
            }

            if (random.NextInt(5) == 0) packet = packet[..random.NextInt(packet.Length + 1)];
            var answer = attacker.Exchange(packet);
            var outcome = attacker.LastOutcome;
            if (outcome.Verdict == TurnVerdict.ToPeer)
            {
                Assert.Contains(outcome.Peer, new[] { TurnWorld.Bridge, TurnWorld.Inner });
                Assert.InRange(outcome.Offset, 4, packet.Length);
                Assert.InRange(outcome.Length, 0, packet.Length - outcome.Offset);
            }

            if (answer.Length > 0) Assert.True(StunMessage.TryParse(answer, out _), $"shot {shot}");
            attacker.Receives(allocation, random.NextInt(2) == 0 ? TurnWorld.Bridge : TurnWorld.Stranger, Bytes(random, random.NextInt(300)));
            if (shot % 100 == 0) world.Passes(TimeSpan.FromSeconds(1));
            if (shot % 5000 == 0) bystander.Says(() => bystander.Messages.Refresh(3600));
        }

        bystander.Says(() => bystander.Messages.BindChannel(0x4000, TurnWorld.Bridge));
        Assert.NotNull(bystander.Relays(TurnClientMessages.Channel(0x4000, "undisturbed"u8)));
        Assert.InRange(world.OpenRelays, 1, 2);
    }

    [Fact]
    public void Random_octets_are_dropped_and_counted()
    {
        var world = new TurnWorld();
        var random = new SeededRandomSource(0xF00D);
        var person = world.Person();
        for (var shot = 0; shot < Shots; shot++)
        {
            person.Exchange(Bytes(random, random.NextInt(100)));
            Assert.Equal(TurnVerdict.Drop, person.LastOutcome.Verdict);
        }

        Assert.Equal(Shots, world.Server.Counters.Refused(TurnRefusal.Malformed) + world.Server.Counters.Refused(TurnRefusal.NoPermission));
    }

    [Fact]
    public void Frames_of_any_prefix_have_a_bound()
    {
        var random = new SeededRandomSource(0xFA);
        for (var shot = 0; shot < Shots; shot++) Assert.InRange(TurnFrame.LengthOf(Bytes(random, TurnFrame.PrefixSize)), 0, TurnFrame.MaxSize);
    }

    private static (StunAttribute, byte[])[] Attributes(SeededRandomSource random, ushort[] types)
    {
        var attributes = new (StunAttribute, byte[])[random.NextInt(5)];
        for (var i = 0; i < attributes.Length; i++)
        {
            var type = types[random.NextInt(types.Length)];
            // A signature has its length; within a request of ours it comes last.
            if (type is 0x0008 or 0x8028) type = 0x0012;
            int[] lengths = [0, 1, 3, 4, 8, 20, 40];
            attributes[i] = ((StunAttribute)type, Bytes(random, lengths[random.NextInt(lengths.Length)]));
        }

        return attributes;
    }

    private static byte[] Bytes(SeededRandomSource random, int length)
    {
        var bytes = new byte[length];
        random.Fill(bytes);
        return bytes;
    }

    private static void Flip(byte[] packet, SeededRandomSource random)
    {
        for (var flips = random.NextInt(4); flips > 0 && packet.Length > 0; flips--) packet[random.NextInt(packet.Length)] = (byte)random.NextInt(256);
    }
}
