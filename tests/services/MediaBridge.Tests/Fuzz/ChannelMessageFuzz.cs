using System.Text;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Fuzz;

public static class ChannelMessageFuzz
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        if (!ChannelMessageReader.TryRead(data.ToArray(), out var message, out var rejection))
        {
            if (rejection == ChannelRejection.None) throw new InvalidOperationException("Refused without a reason.");
            return;
        }

        switch (message)
        {
            case EndpointText text:
                ChannelMessageWriter.TryStamp(text.Body, "a1", out _);
                break;
            case EndpointStatistics statistics:
                ChannelMessageWriter.TryStamp(statistics.Body, "a1", out _);
                break;
        }
    }
}

public sealed class ChannelMessageFuzzTests
{
    private static readonly string[] Samples =
    [
        """{"colibriClass":"ClientHello"}""",
        """{"colibriClass":"ReceiverVideoConstraints","lastN":12,"onStageSources":["a"],"constraints":{"a":{"maxHeight":1080,"maxFrameRate":30}}}""",
        """{"colibriClass":"ReceiverAudioSubscription","all":true,"include":["a"],"exclude":["b"]}""",
        """{"colibriClass":"EndpointMessage","to":"","msgPayload":{"x":"\u00e9"},"from":"q"}""",
        """{"colibriClass":"EndpointStats","bitrate":{"upload":1},"s":"\ud800"}""",
        """{"colibriClass":"LastNChangedEvent","lastN":"5"}""",
    ];

    [Fact]
    public void Mutated_messages_never_throw()
    {
        ChannelMessageFuzz.Run([]);
        var random = new SeededRandomSource(11);
        for (var i = 0; i < 6000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(Samples[random.NextInt(Samples.Length)]);
            for (var m = random.NextInt(4); m >= 0; m--) bytes[random.NextInt(bytes.Length)] = (byte)random.NextUInt32();
            ChannelMessageFuzz.Run(bytes.AsSpan(0, random.NextInt(10) == 0 ? random.NextInt(bytes.Length) : bytes.Length));
        }
    }
}
