using JitsiMesh.Primitives;

namespace JitsiMesh.Dtls.Tests;

public sealed class ApplicationDataTests
{
    private static DtlsPair Connected()
    {
        var pair = new DtlsPair();
        pair.Trust().Start().Run(TimeSpan.FromSeconds(5), pair.BothConnected);
        Assert.True(pair.BothConnected(), pair.Describe());
        return pair;
    }

    [Fact]
    public void Data_arrives_both_ways_each_piece_by_itself()
    {
        using var pair = Connected();
        var large = new byte[DtlsLimits.MaxApplicationData];
        Array.Fill<byte>(large, 7);
        Assert.True(pair.Client.Send("one"u8));
        Assert.True(pair.Client.Send(large));
        Assert.True(pair.Server.Send("back"u8));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.True(pair.Server.TryDequeueApplicationData(out var first));
        Assert.Equal("one"u8.ToArray(), first.ToArray());
        Assert.True(pair.Server.TryDequeueApplicationData(out var second));
        Assert.Equal(large, second.ToArray());
        Assert.False(pair.Server.TryDequeueApplicationData(out _));
        Assert.True(pair.Client.TryDequeueApplicationData(out var back));
        Assert.Equal("back"u8.ToArray(), back.ToArray());
    }

    [Fact]
    public void Send_NotConnectedOrTooLongOrEmpty_SaysFalse()
    {
        using var pair = new DtlsPair();
        Assert.False(pair.Client.Send([1]));
        using var connected = Connected();
        Assert.False(connected.Client.Send(new byte[DtlsLimits.MaxApplicationData + 1]));
        Assert.False(connected.Client.Send([]));
    }

    [Fact]
    public void Send_NobodyDrains_StopsAtTheQueueLimit()
    {
        using var pair = Connected();
        var accepted = 0;
        while (accepted < 10_000 && pair.Client.Send([1, 2, 3])) accepted++;
        Assert.Equal(DtlsLimits.MaxQueuedDatagrams, accepted);
        Assert.Equal(DtlsState.Connected, pair.Client.State);
    }

    [Fact]
    public void A_repeated_datagram_is_delivered_once()
    {
        using var pair = Connected();
        pair.Tamper = (_, datagram) => [datagram, datagram, datagram];
        pair.Client.Send("once"u8);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.True(pair.Server.TryDequeueApplicationData(out _));
        Assert.False(pair.Server.TryDequeueApplicationData(out _));
    }

    [Fact]
    public void Close_tells_the_peer()
    {
        using var pair = Connected();
        pair.Client.Close();
        Assert.Equal(DtlsState.Closed, pair.Client.State);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(DtlsState.Closed, pair.Server.State);
        Assert.Equal(DtlsFailure.None, pair.Server.Failure);
        Assert.False(pair.Server.Send([1]));
        pair.Server.HandleDatagram([23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 24, .. new byte[24]], pair.Now);
        Assert.Equal(1, pair.Server.Counters[DtlsDrop.WrongState]);
    }

    [Fact]
    public void Garbage_and_truncated_records_are_dropped_and_the_connection_goes_on()
    {
        using var pair = Connected();
        var random = new SeededRandomSource(5);
        byte[] valid = [];
        pair.Tamper = (_, datagram) =>
        {
            valid = datagram;
            return [];
        };
        pair.Client.Send("lost"u8);
        pair.Run(TimeSpan.FromSeconds(1));
        for (var length = 0; length < valid.Length; length++) pair.Server.HandleDatagram(valid.AsSpan(0, length), pair.Now);
        for (var i = 0; i < 500; i++)
        {
            var garbage = new byte[random.NextInt(1500)];
            random.Fill(garbage);
            if (garbage.Length > 0 && i % 2 == 0) garbage[0] = (byte)(20 + (i % 5));
            pair.Server.HandleDatagram(garbage, pair.Now);
        }

        for (var i = 13; i < valid.Length; i++)
        {
            var flipped = (byte[])valid.Clone();
            flipped[i] ^= 0x10;
            pair.Server.HandleDatagram(flipped, pair.Now);
        }

        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.False(pair.Server.TryDequeueApplicationData(out _));
        Assert.True(pair.Server.Counters[DtlsDrop.Malformed] >= valid.Length);
        pair.Server.HandleDatagram(valid, pair.Now);
        Assert.True(pair.Server.TryDequeueApplicationData(out _));
    }

    /// <summary>Found by fuzzing: OpenSSL 3.0 ends the connection on a protected record of 1 to 23 bytes, which anyone can send.</summary>
    [Theory]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void A_record_too_short_for_its_protection_is_dropped(byte type)
    {
        using var pair = Connected();
        for (var length = 0; length < 60; length++)
        {
            byte[] record = [type, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 9, 0, (byte)length, .. Enumerable.Range(0, length).Select(i => (byte)i)];
            pair.Server.HandleDatagram(record, pair.Now);
            byte[] hidden = [type, 0xFE, 0xFF, 0, 0, 0, 0, 0, 0, 0, 9, 0, (byte)record.Length, .. record];
            pair.Server.HandleDatagram(hidden, pair.Now);
            Assert.True(pair.Server.State == DtlsState.Connected, $"length {length}: {pair.Server.FailureDetail}");
        }

        Assert.Equal(24 + 60, pair.Server.Counters[DtlsDrop.Malformed]);
        Assert.True(pair.Client.Send("still"u8));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.True(pair.Server.TryDequeueApplicationData(out _));
    }

    [Fact]
    public void HandleDatagram_TooLong_IsCounted()
    {
        using var pair = Connected();
        var datagram = new byte[DtlsLimits.MaxDatagram + 1];
        datagram[0] = 23;
        pair.Server.HandleDatagram(datagram, pair.Now);
        Assert.Equal(1, pair.Server.Counters[DtlsDrop.TooLong]);
    }
}
