namespace JitsiMesh.Dtls.Tests;

public sealed class RecordPackerTests
{
    private static byte[] Record(byte type, int length)
    {
        var record = new byte[13 + length];
        record[0] = type;
        record[11] = (byte)(length >> 8);
        record[12] = (byte)length;
        return record;
    }

    [Fact]
    public void Pack_GluedRecords_FillsDatagramsWithoutCuttingOne()
    {
        byte[] glued = [.. Record(22, 500), .. Record(22, 500), .. Record(22, 300), .. Record(20, 1)];
        var datagrams = new List<byte[]>();
        RecordPacker.Pack(glued, 1200, datagrams, datagrams);
        Assert.Equal([1026, 327], datagrams.Select(d => d.Length));
    }

    [Fact]
    public void Pack_AlertAmongCopies_GoesItsOwnWay()
    {
        byte[] glued = [.. Record(22, 100), .. Record(21, 2), .. Record(22, 50)];
        var copies = new List<byte[]>();
        var alerts = new List<byte[]>();
        RecordPacker.Pack(glued, 1200, copies, alerts);
        Assert.Equal([113, 63], copies.Select(d => d.Length));
        Assert.Equal([15], alerts.Select(d => d.Length));
    }
}
