namespace JitsiMesh.Sctp.Tests.Fuzz;

/// <summary>Packets of the whole life of one association, for mutation.</summary>
internal static class SctpRecording
{
    /// <summary>Handshake, lost and repeated data, messages given up, heartbeats, a closed channel, shutdown: one packet for each kind of first chunk and size.</summary>
    public static IReadOnlyList<byte[]> WholeLife()
    {
        var samples = new Dictionary<(byte, int), byte[]>();
        var pair = new SctpPair { JitterMilliseconds = 30 };
        pair.Tamper = (_, packet) =>
        {
            samples.TryAdd((packet[12], packet.Length / 64), (byte[])packet.Clone());
            return [packet];
        };
        pair.Connect();
        pair.Loss = 0.1;
        var id = pair.Open(new() { Label = "p", MaxRetransmits = 0 });
        for (var i = 0; i < 30; i++) pair.Client.SendMessage(id, new byte[700], true, pair.Now);
        pair.Run(TimeSpan.FromSeconds(70));
        pair.Client.CloseChannel(id, pair.Now);
        pair.Run(TimeSpan.FromSeconds(10));
        pair.Client.Shutdown(pair.Now);
        pair.Run(TimeSpan.FromSeconds(10));
        return [.. samples.Values];
    }
}
