using System.Net;
using System.Runtime.InteropServices;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Sockets;

/// <summary>Trains that the kernel refuses: whom that concerns, and for how long.</summary>
public sealed class TrainTests
{
    [Fact]
    public void A_refusal_concerns_its_receiver_for_a_while()
    {
        var memory = new TrainMemory();
        Assert.True(memory.IsEmpty && memory.Allows(Address(1), 1000));
        memory.OnRefused(Address(1), 1000);
        Assert.False(memory.Allows(Address(1), 1000 + 59_000));
        Assert.True(memory.Allows(Address(2), 1000 + 59_000));
        Assert.True(memory.Allows(Address(1), 1000 + 60_000));
        memory.Allows(Address(2), 1000 + 200_000);
        Assert.True(memory.IsEmpty);
    }

    [Fact]
    public void Many_refusals_among_trains_that_go_through_stop_nobody_else()
    {
        var memory = new TrainMemory();
        for (uint i = 0; i < 100_000; i++)
        {
            memory.OnRefused(Address(i), 1000);
            if (i % 8 == 0) memory.OnTaken();
        }

        Assert.False(memory.IsStopped(1000));
        Assert.Equal(PortLimits.TrainlessReceivers, memory.Count);
        Assert.True(memory.Allows(Address(1_000_000), 1000));
        Assert.False(memory.Allows(Address(99_999), 1000));
    }

    [Fact]
    public void Refusals_to_all_stop_trains_for_all_and_they_are_tried_again()
    {
        var memory = new TrainMemory();
        for (uint i = 0; i < PortLimits.RefusalsToStop - 1; i++) memory.OnRefused(Address(i), 1000);
        Assert.False(memory.IsStopped(1000));

        // The same receiver again is no further one.
        for (var i = 0; i < 100; i++) memory.OnRefused(Address(0), 1000);
        Assert.False(memory.IsStopped(1000));
        memory.OnRefused(Address(77), 1000);
        Assert.True(memory.IsStopped(1000) && !memory.IsEmpty);
        Assert.False(memory.Allows(Address(500), 1000));
        Assert.True(memory.Allows(Address(500), 1000 + 300_000));
        Assert.True(memory.IsEmpty);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(22)]
    [InlineData(90)]
    public unsafe void A_train_that_is_refused_goes_one_by_one_and_others_go_on_as_trains(int error)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess) return;
        using var narrow = new LinuxDatagramPort(Any());
        using var wide = new LinuxDatagramPort(Any());
        var trains = new Dictionary<ushort, int>();
        using var sender = new LinuxDatagramPort(Any(), (fd, messages, count, flags) =>
        {
            // sendmmsg stops before the message that it cannot send, and tells the error when that one is the first.
            var fine = 0u;
            while (fine < count && !IsRefused(messages[fine])) fine++;
            for (var i = 0; i < fine; i++)
            {
                var port = PortOf(messages[i]);
                trains[port] = Math.Max(trains.GetValueOrDefault(port), (int)messages[i].Header.VectorCount);
            }

            if (fine > 0) return Native.SendMany(fd, messages, fine, flags);
            Marshal.SetLastPInvokeError(error);
            return -1;
        });
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 20; i++)
            {
                foreach (var receiver in new[] { narrow, wide })
                {
                    sender.Rent()[..1000].Fill((byte)i);
                    sender.Commit(1000, receiver.Local);
                }
            }

            sender.Flush();
        }

        Assert.Equal(60, Count(narrow));
        Assert.Equal(60, Count(wide));
        Assert.Equal(0, sender.Counters.SendDropped);
        Assert.Equal(120, sender.Counters.DatagramsSent);

        // Only the first train was tried in vain, and the other receiver has trains all along.
        Assert.Equal(1, sender.Counters.TrainsRefused);
        Assert.Equal((1, 20), (trains[narrow.Local.Port], trains[wide.Local.Port]));
        Assert.Equal(1, sender.Trains.Count);

        bool IsRefused(in Native.MMsgHdr message) => message.Header.VectorCount > 1 && PortOf(message) == narrow.Local.Port;

        static ushort PortOf(in Native.MMsgHdr message) => (ushort)((((byte*)message.Header.Name)[2] << 8) | ((byte*)message.Header.Name)[3]);
    }

    [Fact]
    public void A_port_says_what_the_kernel_granted_of_its_buffers()
    {
        foreach (var port in new IDatagramPort[] { new ManagedDatagramPort(Any()), OperatingSystem.IsLinux() ? new LinuxDatagramPort(Any()) : new ManagedDatagramPort(Any()) })
        {
            using (port)
            {
                Assert.InRange(port.Buffers.Receive, 1, PortLimits.SocketBuffer);
                Assert.InRange(port.Buffers.Send, 1, PortLimits.SocketBuffer);
                if (!OperatingSystem.IsLinux()) continue;
                var most = int.Parse(File.ReadAllText("/proc/sys/net/core/rmem_max"), System.Globalization.CultureInfo.InvariantCulture);
                Assert.Equal(Math.Min(most, PortLimits.SocketBuffer), port.Buffers.Receive);
            }
        }
    }

    private static TransportAddress Address(uint number) => TransportAddress.FromIPv4(0x0A000000 + number, 5000);

    private static IPEndPoint Any() => new(IPAddress.Loopback, 0);

    private static int Count(LinuxDatagramPort port)
    {
        var received = 0;
        for (int count; (count = port.Receive()) > 0;) received += count;
        return received;
    }
}
