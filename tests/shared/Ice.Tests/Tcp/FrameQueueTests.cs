using JitsiMesh.Ice.Tcp;
using JitsiMesh.Kit.Networks;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests.Tcp;

public sealed class FrameQueueTests
{
    [Fact]
    public void A_slow_taker_loses_whole_frames_and_gets_the_others_whole()
    {
        var random = new SeededRandomSource(NetworkSeed.Of(73));
        var queue = new FrameQueue(64, 4096);
        var reader = new FrameReader(1500, FrameStart.Plain);
        var expected = new Queue<byte[]>();
        var (added, dropped) = (0, 0);
        for (var step = 0; step < 50_000; step++)
        {
            if (random.NextInt(3) > 0)
            {
                var frame = new byte[1 + random.NextInt(random.NextInt(10) == 0 ? 1500 : 200)];
                random.Fill(frame);
                if (queue.TryAdd(frame))
                {
                    expected.Enqueue(frame);
                    added++;
                }
                else
                {
                    dropped++;
                }

                Assert.InRange(queue.Length, 0, 4096);
                continue;
            }

            // As much as a socket would take, with frames added between the look and the word that it is written.
            var next = queue.Next();
            var count = Math.Min(Math.Min(next.Length, reader.Free.Length), random.NextInt(400));
            if (queue.TryAdd([1, 2, 3])) expected.Enqueue([1, 2, 3]);
            next.Span[..count].CopyTo(reader.Free.Span);
            reader.Added(count);
            queue.Advance(count);
            FrameRead read;
            while ((read = reader.TryRead(out var frame)) == FrameRead.Frame) Assert.Equal(expected.Dequeue(), frame.ToArray());
            Assert.Equal(FrameRead.Incomplete, read);
        }

        Assert.True(added > 1000 && dropped > 1000, $"{added} added, {dropped} dropped");
    }

    [Fact]
    public async Task A_taker_on_another_thread_gets_what_was_added_while_the_queue_grows()
    {
        var queue = new FrameQueue(64, 1 << 16);
        const int frames = 20_000;
        var taker = Task.Run(() =>
        {
            var reader = new FrameReader(2048, FrameStart.Plain);
            for (var expected = 0; expected < frames;)
            {
                var next = queue.Next();
                if (next.IsEmpty)
                {
                    Thread.Yield();
                    continue;
                }

                var count = Math.Min(next.Length, reader.Free.Length);
                next.Span[..count].CopyTo(reader.Free.Span);
                reader.Added(count);
                queue.Advance(count);
                while (reader.TryRead(out var frame) == FrameRead.Frame)
                {
                    Assert.Equal(1 + (expected % 700), frame.Length);
                    Assert.Equal((byte)expected, frame[^1]);
                    expected++;
                }
            }
        });
        for (var i = 0; i < frames;)
        {
            var frame = new byte[1 + (i % 700)];
            frame[^1] = (byte)i;
            if (queue.TryAdd(frame)) i++;
            else Thread.Yield();
            if (taker.IsFaulted) break;
        }

        await taker.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(queue.IsEmpty);
    }
}
