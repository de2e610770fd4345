using System.Buffers.Binary;

namespace JitsiMesh.Srtp.Tests;

/// <summary>Two sessions that face each other, and packets for them.</summary>
internal sealed class Peers : IDisposable
{
    public Peers(ProtectionProfile profile)
    {
        var salt = profile.MasterSaltLength();
        byte[] keyA = [.. Enumerable.Range(0, 16).Select(i => (byte)i)], keyB = [.. keyA.Select(b => (byte)(b ^ 0x55))];
        byte[] saltA = [.. Enumerable.Range(100, salt).Select(i => (byte)i)], saltB = [.. saltA.Select(b => (byte)(b ^ 0x33))];
        Sender = new SrtpSession(profile, keyA, saltA, keyB, saltB);
        Receiver = new SrtpSession(profile, keyB, saltB, keyA, saltA);
    }

    public SrtpSession Sender { get; }

    public SrtpSession Receiver { get; }

    public static byte[] Packet(uint ssrc, ushort sequenceNumber, int payload = 40)
    {
        var packet = new byte[20 + payload];
        packet[0] = 0x90;
        packet[1] = 96;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), 0xBEDE0001);
        packet[16] = 0x10;
        for (var i = 20; i < packet.Length; i++) packet[i] = (byte)(sequenceNumber + i);
        return packet;
    }

    public static byte[] Report(uint ssrc, int words = 5)
    {
        var packet = new byte[8 + (4 * words)];
        packet[0] = 0x80;
        packet[1] = 201;
        packet[3] = (byte)(packet.Length / 4 - 1);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), ssrc);
        for (var i = 8; i < packet.Length; i++) packet[i] = (byte)i;
        return packet;
    }

    public byte[] Protect(byte[] plain)
    {
        var buffer = new byte[plain.Length + SrtpSession.MaxRtpOverhead];
        Assert.Equal(SrtpResult.Ok, Sender.ProtectRtp(plain, buffer, out var length));
        return buffer[..length];
    }

    public byte[] ProtectReport(byte[] plain)
    {
        var buffer = new byte[plain.Length + SrtpSession.MaxRtcpOverhead];
        Assert.Equal(SrtpResult.Ok, Sender.ProtectRtcp(plain, buffer, out var length));
        return buffer[..length];
    }

    public SrtpResult Unprotect(byte[] packet) => Receiver.UnprotectRtp((byte[])packet.Clone(), packet.Length, out _);

    public SrtpResult UnprotectReport(byte[] packet) => Receiver.UnprotectRtcp((byte[])packet.Clone(), packet.Length, out _);

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }
}
