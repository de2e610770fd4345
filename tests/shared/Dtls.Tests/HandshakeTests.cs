using JitsiMesh.Primitives;

namespace JitsiMesh.Dtls.Tests;

public sealed class HandshakeTests
{
    [Theory]
    [InlineData("SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", 0x0007)]
    [InlineData("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", 0x0007)]
    [InlineData("SRTP_AES128_CM_SHA1_80", "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", 0x0001)]
    public void Both_sides_connect_and_hold_the_same_keys_the_other_way_round(string clientProfiles, string serverProfiles, int expected)
    {
        using var pair = new DtlsPair(client: new() { SrtpProfiles = clientProfiles }, server: new() { SrtpProfiles = serverProfiles });
        pair.Trust().Start().Run(TimeSpan.FromSeconds(5), pair.BothConnected);

        Assert.True(pair.BothConnected(), pair.Describe());
        var client = pair.Client.KeyingMaterial!;
        var server = pair.Server.KeyingMaterial!;
        Assert.Equal(expected, client.ProfileId);
        Assert.Equal(expected, server.ProfileId);
        Assert.Equal(client.LocalKey, server.RemoteKey);
        Assert.Equal(client.LocalSalt, server.RemoteSalt);
        Assert.Equal(client.RemoteKey, server.LocalKey);
        Assert.Equal(client.RemoteSalt, server.LocalSalt);
        Assert.NotEqual(client.LocalKey, client.RemoteKey);
        Assert.Equal(16, client.LocalKey.Length);
        Assert.Equal(expected == 7 ? 12 : 14, client.LocalSalt.Length);
        Assert.Equal(MonotonicTime.Never, pair.Client.NextTimeout);
        Assert.Equal(MonotonicTime.Never, pair.Server.NextTimeout);
    }

    [Fact]
    public void Without_loss_nothing_is_sent_twice_and_no_datagram_is_longer_than_the_mtu()
    {
        using var pair = new DtlsPair();
        var sent = new List<byte[]>();
        pair.Tamper = (_, datagram) =>
        {
            sent.Add(datagram);
            return [datagram];
        };
        pair.Trust().Start().Run(TimeSpan.FromSeconds(60));
        Assert.True(pair.BothConnected(), pair.Describe());
        Assert.Equal(0, pair.Client.Counters.Retransmissions + pair.Server.Counters.Retransmissions);
        Assert.True(sent.Count <= 6, $"{sent.Count} datagrams");
        Assert.All(sent, datagram => Assert.InRange(datagram.Length, 14, 1200));
    }

    [Theory]
    [InlineData(0.0, 0.0, 0)]
    [InlineData(0.10, 0.0, 0)]
    [InlineData(0.10, 0.10, 60)]
    [InlineData(0.0, 0.50, 100)]
    public void Fifty_of_fifty_handshakes_succeed_on_a_bad_line(double loss, double duplication, int jitter)
    {
        for (var seed = 1UL; seed <= 50; seed++)
        {
            using var pair = new DtlsPair(seed) { Loss = loss, Duplication = duplication, JitterMilliseconds = jitter };
            pair.Trust().Start().Run(TimeSpan.FromSeconds(31), pair.BothConnected);
            Assert.True(pair.BothConnected(), pair.Describe());
            Assert.Equal(pair.Client.KeyingMaterial!.LocalKey, pair.Server.KeyingMaterial!.RemoteKey);
        }
    }

    [Fact]
    public void Start_NoAnswer_RepeatsWithDoublingWaitsAndFailsAtTheTimeout()
    {
        using var pair = new DtlsPair { Loss = 1 };
        var times = new List<long>();
        var sequenceNumbers = new HashSet<string>();
        pair.Tamper = (toServer, datagram) =>
        {
            if (toServer)
            {
                times.Add((pair.Now - MonotonicTime.FromSeconds(1000)).Ticks / TimeSpan.TicksPerMillisecond);
                sequenceNumbers.Add(Convert.ToHexString(datagram.AsSpan(3, 8)));
            }

            return [datagram];
        };
        pair.Trust().Start().Run(TimeSpan.FromSeconds(60));
        Assert.Equal([0, 300, 900, 2100, 4500, 9300, 18900], times);
        Assert.Equal(times.Count, sequenceNumbers.Count);
        Assert.Equal(DtlsState.Failed, pair.Client.State);
        Assert.Equal(DtlsFailure.Timeout, pair.Client.Failure);
        Assert.Equal(DtlsFailure.Timeout, pair.Server.Failure);
    }

    [Fact]
    public void A_server_whose_last_flight_is_lost_answers_the_repeated_finished()
    {
        using var pair = new DtlsPair();
        var dropped = 0;
        pair.Tamper = (toServer, datagram) =>
        {
            if (toServer || pair.Server.State != DtlsState.Connected || dropped >= 2) return [datagram];
            dropped++;
            return [];
        };
        pair.Trust().Start().Run(TimeSpan.FromSeconds(31), pair.BothConnected);
        Assert.True(pair.BothConnected(), pair.Describe());
        Assert.Equal(2, dropped);
    }

    [Fact]
    public void The_handshake_runs_before_the_fingerprint_is_known_and_trust_waits_for_it()
    {
        using var pair = new DtlsPair();
        pair.Client.SetRemoteFingerprints(DtlsPair.FingerprintOf(DtlsPair.ServerCertificate));
        pair.Start().Run(TimeSpan.FromSeconds(5));
        Assert.Equal(DtlsState.Connected, pair.Client.State);
        Assert.Equal(DtlsState.Handshaking, pair.Server.State);
        Assert.Null(pair.Server.KeyingMaterial);
        Assert.False(pair.Server.Send([1]));

        Assert.True(pair.Client.Send("early"u8));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.False(pair.Server.TryDequeueApplicationData(out _));

        pair.Server.SetRemoteFingerprints(DtlsPair.FingerprintOf(DtlsPair.ClientCertificate));
        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.True(pair.Server.TryDequeueApplicationData(out var data));
        Assert.Equal("early"u8.ToArray(), data.ToArray());
    }

    [Fact]
    public void A_late_fingerprint_that_does_not_match_ends_it()
    {
        using var pair = new DtlsPair();
        pair.Client.SetRemoteFingerprints(DtlsPair.FingerprintOf(DtlsPair.ServerCertificate));
        pair.Start().Run(TimeSpan.FromSeconds(5));
        pair.Server.SetRemoteFingerprints(DtlsPair.FingerprintOf(DtlsPair.ServerCertificate));
        Assert.Equal(DtlsFailure.FingerprintMismatch, pair.Server.Failure);
        Assert.Null(pair.Server.KeyingMaterial);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(DtlsState.Closed, pair.Client.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_certificate_other_than_promised_fails_both_sides(bool serverIsWrong)
    {
        using var pair = new DtlsPair();
        using var other = DtlsPair.NewCertificate();
        pair.Client.SetRemoteFingerprints(DtlsPair.FingerprintOf(serverIsWrong ? other : DtlsPair.ServerCertificate));
        pair.Server.SetRemoteFingerprints(DtlsPair.FingerprintOf(serverIsWrong ? DtlsPair.ClientCertificate : other));
        pair.Start().Run(TimeSpan.FromSeconds(31));
        var (finder, other2) = serverIsWrong ? (pair.Client, pair.Server) : (pair.Server, pair.Client);
        Assert.Equal(DtlsState.Failed, finder.State);
        Assert.Equal(DtlsFailure.FingerprintMismatch, finder.Failure);
        Assert.Equal(DtlsFailure.Handshake, other2.Failure);
        Assert.Contains("certificate", other2.FailureDetail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fingerprint_of_unknown_hash_fails()
    {
        using var pair = new DtlsPair();
        pair.Client.SetRemoteFingerprints([new Fingerprint("md5", "00:11")]);
        pair.Server.SetRemoteFingerprints(DtlsPair.FingerprintOf(DtlsPair.ClientCertificate));
        pair.Start().Run(TimeSpan.FromSeconds(5));
        Assert.Equal(DtlsFailure.FingerprintUnsupported, pair.Client.Failure);
    }

    [Theory]
    [InlineData("", "SRTP_AEAD_AES_128_GCM")]
    [InlineData("SRTP_AES128_CM_SHA1_80", "SRTP_AEAD_AES_128_GCM")]
    public void Without_a_common_srtp_profile_both_sides_that_need_one_fail(string clientProfiles, string serverProfiles)
    {
        using var pair = new DtlsPair(client: new() { SrtpProfiles = clientProfiles }, server: new() { SrtpProfiles = serverProfiles });
        pair.Trust().Start().Run(TimeSpan.FromSeconds(31));
        Assert.Equal(DtlsFailure.NoSrtpProfile, pair.Server.Failure);
        Assert.NotEqual(DtlsState.Handshaking, pair.Client.State);
        Assert.Null(pair.Client.KeyingMaterial);
    }
}
