using JitsiMesh.Dtls;
using JitsiMesh.Headless.Media;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Jingle;
using JitsiMesh.Mesh.Tests.UnderTest;
using JitsiMesh.Primitives;
using JitsiMesh.Srtp;

namespace JitsiMesh.Mesh.Tests.Scenarios;

/// <summary>Calls of a few people, on whatever mesh they are given.</summary>
public static class CallScenarios
{
    public static async Task ThreeSeeAndHearEachOther(IMeshUnderTest mesh, string room, Func<ParticipantOptions, ParticipantOptions>? change = null)
    {
        await using var party = new Party(mesh, 11);
        await party.JoinAsync(room, 3, change: change);
        await party.ExpectMediaAsync(party.Clients);
        await party.ExpectMediaAsync(party.Clients, packets: 100, frames: 20);
        foreach (var receiver in party.Clients)
        {
            Assert.Equal(0, receiver.Lost);
            foreach (var sender in party.Clients.Where(c => c != receiver))
            {
                var video = receiver.StreamsFrom(sender.Nick, MediaKind.Video);
                Assert.Equal((0, 0, 0), (video.Sum(s => s.TornFrames), video.Sum(s => s.PictureIdGaps), video.Sum(s => s.TimestampReversals)));
            }

            Assert.True(receiver.HasChannel, party.Describe());
            Assert.Equal(2, receiver.Read(p => p.Occupants.Count));
        }
    }

    /// <summary>Without SSRC rewriting sources are told by Jingle, in one of two encodings.</summary>
    public static async Task SourcesAreToldByJingle(IMeshUnderTest mesh, string room, bool json)
    {
        await using var party = new Party(mesh, 12);
        await party.JoinAsync(room, 3, change: o => o with { SsrcRewriting = false, JsonSources = json });
        await party.ExpectMediaAsync(party.Clients);
        foreach (var client in party.Clients)
        {
            var (inJson, inXml) = client.Read(p => (p.JsonSourceMessages, p.XmlSourceMessages));
            Assert.True(json ? inJson > 0 && inXml == 0 : inXml > 0 && inJson == 0, $"{inJson} {inXml}");
        }

        // A camera is taken away and comes back.
        var (first, second) = (party[0], party[1]);
        var camera = LocalMedia.Of(first.Endpoint!, first.Nick, first.Read(p => p.Options)).Sources.Of(MediaKind.Video);
        var answers = new List<string?>();
        first.Do((p, _) => p.RemoveSources(camera, answer => answers.Add(answer["type"])));
        await party.ExpectAsync("the camera is gone", () => second.Read(p => !p.RemoteSources[first.Nick].Has(MediaKind.Video)));
        first.Do((p, _) => p.AddSources(camera, answer => answers.Add(answer["type"])));
        await party.ExpectAsync("the camera is back", () => second.Read(p => p.RemoteSources[first.Nick].Has(MediaKind.Video)));
        Assert.Equal(["result", "result"], answers);
        await party.ExpectMediaAsync(party.Clients);
    }

    public static async Task LeavingAndComingBack(IMeshUnderTest mesh, string room)
    {
        await using var party = new Party(mesh, 13);
        await party.JoinAsync(room, 3);
        await party.ExpectMediaAsync(party.Clients);
        var leaver = party[2];
        leaver.Leave();
        await party.ExpectAsync("both see the leave", () => party.Clients.Take(2).All(c => c.Read(p => p.Occupants.Count == 1)));
        await party.ExpectAsync("the leaver is out", () => leaver.History.OfType<ParticipantEvent.Left>().Any());
        await party.ExpectMediaAsync([party[0], party[1]]);
        await leaver.JoinAsync();
        await party.ExpectAsync("both see the return", () => party.Clients.Take(2).All(c => c.Read(p => p.Occupants.Count == 2)));
        await party.ExpectMediaAsync(party.Clients);
    }

    public static async Task AModeratorKicks(IMeshUnderTest mesh, string room)
    {
        await using var party = new Party(mesh, 14);
        await party.JoinAsync(room, 3);
        await party.ExpectMediaAsync(party.Clients);
        var (moderator, victim) = (party[0], party[2]);
        await party.ExpectAsync("the first is moderator", () => moderator.Read(p => p.Role == "moderator"));

        string? refused = null;
        party[1].Do((p, _) => p.Kick(victim.Nick, answer => refused = answer["type"]));
        await party.ExpectAsync("nobody else may kick", () => refused == "error");

        moderator.Do((p, _) => p.Kick(victim.Nick));
        await party.ExpectAsync("the victim knows by whom", () => victim.History.OfType<ParticipantEvent.Left>().Any(l => l.KickedBy == moderator.Nick));
        await party.ExpectAsync("the others see it", () => party[1].History.OfType<ParticipantEvent.OccupantLeft>().Any(l => l.Nick == victim.Nick && l.Kicked == moderator.Nick));
        await party.ExpectMediaAsync([party[0], party[1]]);
    }

    public static async Task AModeratorMutes(IMeshUnderTest mesh, string room)
    {
        await using var party = new Party(mesh, 15);
        await party.JoinAsync(room, 3);
        await party.ExpectMediaAsync(party.Clients);
        var (moderator, listener, victim) = (party[0], party[1], party[2]);
        await party.ExpectAsync("the first is moderator", () => moderator.Read(p => p.Role == "moderator"));
        moderator.Do((p, _) => p.Mute(victim.Nick, MediaKind.Audio, mute: true));
        await party.ExpectAsync("the order arrives", () => victim.History.OfType<ParticipantEvent.Muted>().Any(m => m.Kind == MediaKind.Audio));
        await party.ExpectAsync("the others are told", () => listener.Read(p => p.Occupants[victim.Nick].SourceInfo!.Contains("\"" + victim.Nick + "-a0\":{\"muted\":true}", StringComparison.Ordinal)));
        var heard = listener.AudioFrom(victim.Nick);
        await party.ExpectMediaAsync(party.Clients);
        Assert.InRange(listener.AudioFrom(victim.Nick), heard, heard + 10);

        string? answer = null;
        victim.Do((p, _) => p.Mute(p.Nick!, MediaKind.Audio, mute: false, answered: a => answer = a["type"]));
        await party.ExpectAsync("the victim may unmute", () => answer == "result");
        victim.SetMuted(MediaKind.Audio, muted: false);
        await party.ExpectMediaAsync(party.Clients);
    }

    public static async Task AModeratorMakesAnother(IMeshUnderTest mesh, string room)
    {
        await using var party = new Party(mesh, 16);
        await party.JoinAsync(room, 3);
        await party.ExpectAsync("the first is moderator", () => party[0].Read(p => p.Role == "moderator"));
        Assert.Equal("participant", party[1].Read(p => p.Role));
        await party.ExpectAsync("the third is known", () => party[0].Read(p => p.Occupants.ContainsKey(party[1].Nick)));
        party[0].Do((p, _) => p.GrantOwner(party[1].Nick));
        await party.ExpectAsync("the second is moderator too", () => party[1].Read(p => p.Role == "moderator"));
        await party.ExpectAsync("the third sees it", () => party[2].Read(p => p.Occupants.TryGetValue(party[1].Nick, out var occupant) && occupant.IsModerator));
        Assert.Equal("participant", party[2].Read(p => p.Role));
    }

    /// <summary>The signalling of one is cut for three seconds: nobody sees it, media goes on, nothing is lost.</summary>
    public static async Task ACutIsResumed(IMeshUnderTest mesh, string room)
    {
        await using var party = new Party(mesh, 17);
        await party.JoinAsync(room, 3);
        await party.ExpectMediaAsync(party.Clients);
        var cut = party[1];
        cut.Cut();
        party[0].Do((p, _) => p.SendMessage("said while you were away"));
        cut.Do((p, _) => p.SendMessage("said while I was away"));
        for (var i = 0; i < 3; i++)
        {
            var before = party[0].AudioFrom(cut.Nick);
            await Task.Delay(TimeSpan.FromSeconds(1));
            Assert.True(party[0].AudioFrom(cut.Nick) > before, party.Describe());
        }

        await cut.ConnectAsync();
        await party.ExpectAsync("resumed", () => cut.Read(p => p.Stream.Resumptions == 1));
        await party.ExpectAsync("what was missed arrives", () => cut.History.OfType<ParticipantEvent.MessageReceived>().Any(m => m.Body == "said while you were away"));
        await party.ExpectAsync("what waited is sent", () => party[0].History.OfType<ParticipantEvent.MessageReceived>().Count(m => m.Body == "said while I was away") == 1);
        await party.ExpectMediaAsync(party.Clients);
        foreach (var client in party.Clients)
        {
            Assert.Equal(0, client.Read(p => p.LeavesSeen));
            Assert.Single(client.History.OfType<ParticipantEvent.Offered>());
        }
    }

    public static async Task BothProtectionProfilesMeet(IMeshUnderTest mesh, string room)
    {
        await using var party = new Party(mesh, 18);
        await party.JoinAsync(room, 1, Party.SmallMedia with { Dtls = DtlsOptions.Default with { SrtpProfiles = "SRTP_AES128_CM_SHA1_80" } });
        await party.JoinAsync(room, 1, Party.SmallMedia with { Dtls = DtlsOptions.Default with { SrtpProfiles = "SRTP_AEAD_AES_128_GCM" } });
        await party.ExpectMediaAsync(party.Clients);
        Assert.Equal(ProtectionProfile.Aes128CmHmacSha1_80, party[0].ReadMedia(e => e.Profile, null));
        Assert.Equal(ProtectionProfile.AeadAes128Gcm, party[1].ReadMedia(e => e.Profile, null));
    }

    /// <summary>A receiver asks for another size and gets it, without a picture that cannot be shown.</summary>
    public static async Task TheReceiverChoosesTheLayer(IMeshUnderTest mesh, string room)
    {
        await using var party = new Party(mesh, 19);
        var simulcast = Party.SmallMedia with
        {
            Encodings = [new VideoEncoding(320, 180, Bitrate.FromKbps(50)), new VideoEncoding(640, 360, Bitrate.FromKbps(100)), new VideoEncoding(1280, 720, Bitrate.FromKbps(200))],
        };
        await party.JoinAsync(room, 2, simulcast);
        await party.ExpectMediaAsync(party.Clients);
        var (sender, receiver) = (party[0], party[1]);
        foreach (var height in new[] { 720, 180, 360, 720 })
        {
            Assert.True(receiver.SendChannelMessage($$$"""{"colibriClass":"ReceiverVideoConstraints","lastN":-1,"defaultConstraints":{"maxHeight":{{{height}}}}}"""));
            await party.ExpectAsync($"{height} lines arrive", () => receiver.StreamsFrom(sender.Nick, MediaKind.Video).MaxBy(s => s.LastPacket)?.Size.Height == height);
            await party.ExpectMediaAsync(party.Clients);
        }

        var streams = receiver.StreamsFrom(sender.Nick, MediaKind.Video);
        Assert.Equal((0, 0), (streams.Sum(s => s.TornFrames), streams.Sum(s => s.TimestampReversals)));
    }
}
