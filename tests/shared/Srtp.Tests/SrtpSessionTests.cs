using System.Security.Cryptography;
using FsCheck.Xunit;
using JitsiMesh.Primitives;

namespace JitsiMesh.Srtp.Tests;

public sealed class SrtpSessionTests
{
    public static TheoryData<ProtectionProfile> Profiles => [ProtectionProfile.AeadAes128Gcm, ProtectionProfile.Aes128CmHmacSha1_80];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Protected_packets_come_back_as_they_were(ProtectionProfile profile)
    {
        using var peers = new Peers(profile);
        for (ushort i = 0; i < 50; i++)
        {
            var plain = Peers.Packet(7, i, payload: i);
            var packet = peers.Protect(plain);
            Assert.Equal(plain.Length + peers.Sender.RtpOverhead, packet.Length);
            Assert.Equal(plain[..20], packet[..20]);
            Assert.Equal(SrtpResult.Ok, peers.Receiver.UnprotectRtp(packet, packet.Length, out var length));
            Assert.Equal(plain, packet[..length]);

            var report = Peers.Report(7, i % 7);
            packet = peers.ProtectReport(report);
            Assert.Equal(report.Length + peers.Sender.RtcpOverhead, packet.Length);
            Assert.Equal(SrtpResult.Ok, peers.Receiver.UnprotectRtcp(packet, packet.Length, out length));
            Assert.Equal(report, packet[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Protecting_in_place_equals_protecting_a_copy(ProtectionProfile profile)
    {
        using var peers = new Peers(profile);
        var plain = Peers.Packet(7, 1, 100);
        var copy = peers.Protect(plain);
        var buffer = new byte[plain.Length + SrtpSession.MaxRtpOverhead];
        plain.CopyTo(buffer, 0);
        Assert.Equal(SrtpResult.Ok, peers.Sender.ProtectRtp(buffer, plain.Length, out var length));
        Assert.Equal(copy, buffer[..length]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(160)]
    [InlineData(1200)]
    public void Gcm_agrees_with_the_base_library(int payload)
    {
        byte[] key = [.. Enumerable.Range(1, 16).Select(i => (byte)i)], salt = [.. Enumerable.Range(50, 12).Select(i => (byte)i)];
        using var session = new SrtpSession(ProtectionProfile.AeadAes128Gcm, key, salt, key, salt);
        var keys = SessionKeys.ForRtp(ProtectionProfile.AeadAes128Gcm, key, salt);
        using var oracle = new AesGcm(keys.CipherKey, 16);

        // The second number lies beyond the wrap, so the roll-over counter takes part.
        foreach (var (number, rollover) in new (ushort, byte)[] { (65535, 0), (3, 1) })
        {
            var plain = Peers.Packet(0x01020304, number, payload);
            byte[] iv = [0, 0, 1, 2, 3, 4, 0, 0, 0, rollover, (byte)(number >> 8), (byte)number];
            for (var i = 0; i < 12; i++) iv[i] ^= keys.Salt[i];
            var expected = new byte[payload];
            var tag = new byte[16];
            oracle.Encrypt(iv, plain[20..], expected, tag, plain[..20]);

            var buffer = new byte[plain.Length + 16];
            Assert.Equal(SrtpResult.Ok, session.ProtectRtp(plain, buffer, out _));
            Assert.Equal([.. plain[..20], .. expected, .. tag], buffer);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(44)]
    [InlineData(1200)]
    public void HmacSha1_agrees_with_the_base_library(int length)
    {
        var key = Bytes.Hex("000102030405060708090a0b0c0d0e0f10111213");
        var data = new byte[length];
        new SeededRandomSource(9).Fill(data);
        var mac = new Native.HmacSha1(key);
        var digest = new byte[20];
        for (var round = 0; round < 2; round++)
        {
            mac.Compute(data.AsSpan(0, length / 3), data.AsSpan(length / 3), digest);
            Assert.Equal(HMACSHA1.HashData(key, data), digest);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_stream_survives_wraps_loss_and_reordering(ProtectionProfile profile)
    {
        using var peers = new Peers(profile);
        var random = new SeededRandomSource(4);
        var pending = new List<byte[]>();
        ushort number = 60000;
        for (var i = 0; i < 200_000; i += 40, number += 40)
        {
            // Every fortieth number only: three wraps without protecting each packet between.
            pending.Add(peers.Protect(Peers.Packet(7, number)));
            if (pending.Count < 8) continue;
            pending.RemoveAt(0);
            var next = random.NextInt(pending.Count);
            Assert.Equal(SrtpResult.Ok, peers.Unprotect(pending[next]));
            pending.RemoveAt(next);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void UnprotectRtp_SamePacketTwice_IsReplayed(ProtectionProfile profile)
    {
        using var peers = new Peers(profile);
        var first = peers.Protect(Peers.Packet(7, 10));
        var second = peers.Protect(Peers.Packet(7, 11));
        Assert.Equal(SrtpResult.Ok, peers.Unprotect(second));
        Assert.Equal(SrtpResult.Ok, peers.Unprotect(first));
        Assert.Equal(SrtpResult.Replayed, peers.Unprotect(first));
        Assert.Equal(SrtpResult.Replayed, peers.Unprotect(second));

        var report = peers.ProtectReport(Peers.Report(7));
        Assert.Equal(SrtpResult.Ok, peers.UnprotectReport(report));
        Assert.Equal(SrtpResult.Replayed, peers.UnprotectReport(report));
    }

    [Fact]
    public void UnprotectRtp_BehindTheWindow_IsTooOld()
    {
        using var peers = new Peers(ProtectionProfile.AeadAes128Gcm);
        var edge = peers.Protect(Peers.Packet(7, 101));
        var old = peers.Protect(Peers.Packet(7, 100));
        var newest = peers.Protect(Peers.Packet(7, 100 + SrtpLimits.ReplayWindowSize));
        Assert.Equal(SrtpResult.Ok, peers.Unprotect(newest));
        Assert.Equal(SrtpResult.TooOld, peers.Unprotect(old));
        Assert.Equal(SrtpResult.Ok, peers.Unprotect(edge));
    }

    [Fact]
    public void ProtectRtp_SamePacketAgain_GivesTheSameBytes()
    {
        using var peers = new Peers(ProtectionProfile.AeadAes128Gcm);
        var first = peers.Protect(Peers.Packet(7, 65535));
        peers.Protect(Peers.Packet(7, 0));
        Assert.Equal(first, peers.Protect(Peers.Packet(7, 65535)));
        Assert.Equal(SrtpResult.TooOld, peers.Sender.ProtectRtp(Peers.Packet(8, 5), new byte[100], out _) is SrtpResult.Ok
            ? peers.Sender.ProtectRtp(Peers.Packet(8, 65530), new byte[100], out _)
            : SrtpResult.Malformed);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_forged_packet_takes_no_place_and_moves_nothing(ProtectionProfile profile)
    {
        using var peers = new Peers(profile);
        var forged = Peers.Packet(9, 1, 60);
        Assert.Equal(SrtpResult.AuthenticationFailed, peers.Unprotect(forged));
        Assert.Equal(0, peers.Receiver.InboundStreams);

        var good = peers.Protect(Peers.Packet(7, 10));
        var far = peers.Protect(Peers.Packet(7, 30000));
        far[^1] ^= 1;
        Assert.Equal(SrtpResult.AuthenticationFailed, peers.Unprotect(far));
        Assert.Equal(SrtpResult.Ok, peers.Unprotect(good));
        Assert.Equal(1, peers.Receiver.InboundStreams);
    }

    [Fact]
    public void Inbound_streams_beyond_the_bound_replace_the_longest_unused()
    {
        using var peers = new Peers(ProtectionProfile.AeadAes128Gcm);
        var first = peers.Protect(Peers.Packet(0, 1));
        var second = peers.Protect(Peers.Packet(1, 1));
        Assert.Equal(SrtpResult.Ok, peers.Unprotect(first));
        for (uint ssrc = 1; ssrc < SrtpLimits.MaxInboundStreams; ssrc++) Assert.Equal(SrtpResult.Ok, peers.Unprotect(peers.Protect(Peers.Packet(ssrc, 1))));
        Assert.Equal(SrtpResult.Ok, peers.Unprotect(peers.Protect(Peers.Packet(0, 2))));

        Assert.Equal(SrtpResult.Ok, peers.Unprotect(peers.Protect(Peers.Packet(100_000, 1))));
        Assert.Equal(SrtpLimits.MaxInboundStreams, peers.Receiver.InboundStreams);
        Assert.Equal(SrtpResult.Replayed, peers.Unprotect(first));
        Assert.Equal(SrtpResult.Ok, peers.Unprotect(second)); // stream 1 was forgotten with its window
    }

    [Fact]
    public void Outbound_streams_beyond_the_bound_are_refused()
    {
        using var peers = new Peers(ProtectionProfile.AeadAes128Gcm);
        for (uint ssrc = 0; ssrc < SrtpLimits.MaxOutboundStreams; ssrc++) peers.Protect(Peers.Packet(ssrc, 1, 0));
        Assert.Equal(SrtpResult.TooManyStreams, peers.Sender.ProtectRtp(Peers.Packet(100_000, 1), new byte[100], out _));
        Assert.True(peers.Sender.ForgetOutbound(5));
        Assert.Equal(SrtpResult.Ok, peers.Sender.ProtectRtp(Peers.Packet(100_000, 1), new byte[100], out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Bad_lengths_give_reasons(ProtectionProfile profile)
    {
        using var peers = new Peers(profile);
        var buffer = new byte[8192];
        Assert.Equal(SrtpResult.Malformed, peers.Sender.ProtectRtp(new byte[11], buffer, out _));
        Assert.Equal(SrtpResult.NoSpace, peers.Sender.ProtectRtp(Peers.Packet(1, 1), new byte[61], out _));
        Assert.Equal(SrtpResult.TooLong, peers.Sender.ProtectRtp(Peers.Packet(1, 1, 5000), buffer, out _));
        Assert.Equal(SrtpResult.TooShort, peers.Sender.ProtectRtcp(new byte[7], buffer, out _));
        Assert.Equal(SrtpResult.NoSpace, peers.Sender.ProtectRtcp(Peers.Report(1), new byte[30], out _));
        Assert.Equal(SrtpResult.TooShort, peers.Receiver.UnprotectRtp(Peers.Packet(1, 1, 5), 25, out _));
        Assert.Equal(SrtpResult.TooShort, peers.Receiver.UnprotectRtp(buffer, buffer.Length + 1, out _) is SrtpResult.TooLong ? SrtpResult.TooShort : SrtpResult.Ok);
        Assert.Equal(SrtpResult.TooShort, peers.Receiver.UnprotectRtcp(Peers.Report(1, 0), 8, out _));
    }

    [Fact]
    public void Using_a_disposed_session_gives_a_reason()
    {
        var peers = new Peers(ProtectionProfile.AeadAes128Gcm);
        var packet = peers.Protect(Peers.Packet(7, 1));
        peers.Dispose();
        Assert.Equal(SrtpResult.CipherFailed, peers.Sender.ProtectRtp(Peers.Packet(7, 2), new byte[100], out _));
        Assert.Equal(SrtpResult.AuthenticationFailed, peers.Unprotect(packet));
    }

    [Property(MaxTest = 200)]
    public void Replaying_anything_changes_nothing(ushort start, ushort[] steps, ulong seed)
    {
        // A model: the set of accepted indexes. Whatever comes twice is refused, whatever is accepted was new.
        var window = default(ReplayWindow);
        var accepted = new HashSet<long>();
        var random = new SeededRandomSource(seed);
        long at = start;
        foreach (var step in steps)
        {
            at += (step % 2000) - 700;
            for (var i = 0; i < 3; i++)
            {
                var index = at - random.NextInt(3);
                var result = window.Check(index);
                if (index < 0 || index <= window.Highest - SrtpLimits.ReplayWindowSize) Assert.Equal(SrtpResult.TooOld, result);
                else Assert.Equal(accepted.Contains(index) ? SrtpResult.Replayed : SrtpResult.Ok, result);
                if (result != SrtpResult.Ok) continue;
                window.Commit(index);
                accepted.Add(index);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Protecting_and_unprotecting_allocates_nothing(ProtectionProfile profile)
    {
        using var peers = new Peers(profile);
        var packet = Peers.Packet(7, 0, 1100);
        var report = Peers.Report(7);
        var buffer = new byte[2048];
        Round(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var failures = 0;
        for (ushort i = 1; i < 2000; i++) failures += Round(i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, failures);

        int Round(ushort number)
        {
            packet[2] = (byte)(number >> 8);
            packet[3] = (byte)number;
            var ok = peers.Sender.ProtectRtp(packet, buffer, out var length) == SrtpResult.Ok
                && peers.Receiver.UnprotectRtp(buffer, length, out _) == SrtpResult.Ok
                && peers.Sender.ProtectRtcp(report, buffer, out length) == SrtpResult.Ok
                && peers.Receiver.UnprotectRtcp(buffer, length, out _) == SrtpResult.Ok;
            return ok ? 0 : 1;
        }
    }
}
