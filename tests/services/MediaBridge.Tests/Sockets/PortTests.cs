using System.Net;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Sockets;

public sealed class PortTests
{
    [Fact]
    public void Trains_GroupEqualSizesByDestinationAndKeepTheOrder()
    {
        var trains = new TrainBuilder(16, segmentation: true);
        var (a, b) = (TransportAddress.FromIPv4(1, 10), TransportAddress.FromIPv4(2, 10));
        (int Length, TransportAddress To)[] queue = [(100, a), (100, b), (100, a), (60, a), (100, a), (200, a), (100, b)];
        for (var i = 0; i < queue.Length; i++) trains.Add(i, queue[i].Length, queue[i].To);

        // a: 100 100 60 closes; then 100, which 200 does not fit; then 200. b: 100 100.
        Assert.Equal(4, trains.TrainCount);
        Assert.Equal([0, 2, 3], Slots(trains, 0));
        Assert.Equal([1, 6], Slots(trains, 1));
        Assert.Equal([4], Slots(trains, 2));
        Assert.Equal([5], Slots(trains, 3));
        Assert.Equal(100, trains.SegmentSize(0));
        trains.Clear();
        trains.Add(0, 100, a);
        Assert.Equal(1, trains.TrainCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Loopback_EveryDatagramArrivesOnceAndInOrder(bool managed)
    {
        using var sender = Open(managed);
        using var receiver = Open(managed);
        const int count = 150;
        for (var i = 0; i < count; i++)
        {
            // Runs of one size form trains; a change of the size ends a train.
            var length = i % 50 == 49 ? 300 : 1200;
            var buffer = sender.Rent();
            buffer[..length].Fill((byte)i);
            sender.Commit(length, receiver.Local);
        }

        sender.Flush();
        var next = 0;
        var end = DateTime.UtcNow.AddSeconds(10);
        while (next < count && DateTime.UtcNow < end)
        {
            var received = receiver.Receive();
            for (var i = 0; i < received; i++)
            {
                var datagram = receiver.Received(i, out var remote);
                Assert.Equal(sender.Local, remote);
                Assert.Equal(next % 50 == 49 ? 300 : 1200, datagram.Length);
                Assert.Equal((byte)next, datagram[datagram.Length - 1]);
                next++;
            }
        }

        Assert.Equal(count, next);
        Assert.Equal(count, sender.Counters.DatagramsSent);
        Assert.Equal(0, sender.Counters.SendDropped);
    }

    [Fact]
    public void Waited_TellsHowLongADatagramLayUnread()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var sender = Open(managed: false);
        using var receiver = Open(managed: false);
        var waited = TimeSpan.Zero;

        // A kernel that has not been asked for timestamps before starts a moment after the first request.
        for (var i = 0; i < 50 && waited == TimeSpan.Zero; i++)
        {
            sender.Rent()[..100].Fill(1);
            sender.Commit(100, receiver.Local);
            sender.Flush();
            // The test is about the kernel's clock, which no virtual time can replace.
            Thread.Sleep(30);
            Assert.Equal(1, receiver.Receive());
            waited = receiver.Waited(0);
            if (waited < TimeSpan.FromMilliseconds(20)) waited = TimeSpan.Zero;
        }

        Assert.InRange(waited.TotalMilliseconds, 20, 1000);
    }

    private static IDatagramPort Open(bool managed)
    {
        var bind = new IPEndPoint(IPAddress.Loopback, 0);
        return managed || !OperatingSystem.IsLinux() ? new ManagedDatagramPort(bind) : new LinuxDatagramPort(bind);
    }

    private static List<int> Slots(TrainBuilder trains, int train)
    {
        var slots = new List<int>();
        for (var slot = trains.First(train); slot >= 0; slot = trains.Next(slot)) slots.Add(slot);
        Assert.Equal(slots.Count, trains.Count(train));
        return slots;
    }
}
