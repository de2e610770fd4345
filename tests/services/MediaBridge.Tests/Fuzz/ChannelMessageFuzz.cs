using System.Text;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Fuzz;

public static class ChannelMessageFuzz
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        var isWish = ChannelMessageReader.IsWish(data);
        if (!ChannelMessageReader.TryRead(data.ToArray(), out var message, out var rejection))
        {
            if (rejection == ChannelRejection.None) throw new InvalidOperationException("Refused without a reason.");
            return;
        }

        switch (message)
        {
            case ReceiverVideoConstraints or LastNChanged or ReceiverAudioSubscription when !isWish && Occurrences(data) == 1:
                throw new InvalidOperationException("A wish that is not taken for one.");
            case EndpointText text:
                ChannelMessageWriter.TryStamp(text.Body, "a1", out _);
                break;
            case EndpointStatistics statistics:
                ChannelMessageWriter.TryStamp(statistics.Body, "a1", out _);
                break;
        }
    }

    /// <summary>Of two classes in one message the reader takes the last, the quick look the first.</summary>
    private static int Occurrences(ReadOnlySpan<byte> data) => Encoding.UTF8.GetString(data).Split("colibriClass").Length - 1;
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
        """{"colibriClass":"\ud83d\ude00","x":1}""",
        """{"\ud83d\ude00":{"a":[1]},"colibriClass":"ReceiverVideoConstr\u0061ints"}""",
    ];

    [Fact]
    public void Lone_surrogates_are_refused_and_no_wish()
    {
        foreach (var text in new[] { """{"colibriClass":"\ude00"}""", """{"\ud83d":1,"colibriClass":"ClientHello"}""" })
        {
            Assert.False(ChannelMessageReader.IsWish(Encoding.UTF8.GetBytes(text)));
            ChannelMessageFuzz.Run(Encoding.UTF8.GetBytes(text));
        }
    }

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
