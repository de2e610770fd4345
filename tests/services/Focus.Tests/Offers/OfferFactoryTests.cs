using JitsiMesh.Focus.Offers;
using JitsiMesh.Jingle;

namespace JitsiMesh.Focus.Tests.Offers;

public class OfferFactoryTests
{
    private const ParticipantFeatures Modern = ParticipantFeatures.Audio | ParticipantFeatures.Video | ParticipantFeatures.Rtx | ParticipantFeatures.TransportCc;

    private static string Feedback(PayloadType type) => string.Join(",", type.Feedback.Select(feedback => feedback.Subtype is null ? feedback.Type : $"{feedback.Type} {feedback.Subtype}"));

    [Fact]
    public void Create_ModernClient_OffersWhatJicofoOffers()
    {
        var media = OfferFactory.Create(Modern, new OfferOptions());
        Assert.Equal(["audio", "video"], media.Select(one => one.Media));
        Assert.Equal("60", media[0].MaxPtime);
        Assert.Equal(["111 opus 48000/2", "126 telephone-event 8000/1"], media[0].PayloadTypes.Select(type => $"{type.Id} {type.Name} {type.ClockRate}/{type.Channels}"));
        Assert.Equal(["minptime=10", "useinbandfec=1"], media[0].PayloadTypes[0].Parameters.Select(parameter => $"{parameter.Name}={parameter.Value}"));
        Assert.Equal("transport-cc", Feedback(media[0].PayloadTypes[0]));
        Assert.Equal(
            ["41 AV1", "100 VP8", "107 H264", "101 VP9", "42 rtx", "96 rtx", "97 rtx", "99 rtx"],
            media[1].PayloadTypes.Select(type => $"{type.Id} {type.Name}"));
        Assert.Equal(["41", "100", "101", "107"], media[1].PayloadTypes.Skip(4).Select(type => type.Parameters.Single().Value));
        Assert.Equal("ccm fir,nack,nack pli,transport-cc", Feedback(media[1].PayloadTypes[0]));
        Assert.Equal("ccm fir,nack,nack pli", Feedback(media[1].PayloadTypes[4]));
        Assert.Equal("", Feedback(media[1].PayloadTypes[7]));
        Assert.Equal(("profile-level-id", "42e01f;level-asymmetry-allowed=1;packetization-mode=1;"), (media[1].PayloadTypes[2].Parameters[0].Name, media[1].PayloadTypes[2].Parameters[0].Value));
        Assert.Equal([1, 10, 5], media[0].HeaderExtensions.Select(extension => extension.Id));
        Assert.Equal([11, 10, 3, 5], media[1].HeaderExtensions.Select(extension => extension.Id));
        Assert.All(media, one => Assert.True(one.RtcpMux && one.ExtmapAllowMixed));
    }

    [Fact]
    public void Create_WithoutTransportCc_FallsBackToRemb()
    {
        var media = OfferFactory.Create(ParticipantFeatures.Audio | ParticipantFeatures.Video | ParticipantFeatures.Remb, new OfferOptions());
        Assert.Equal("ccm fir,nack,nack pli,goog-remb", Feedback(media[1].PayloadTypes[0]));
        Assert.Equal(4, media[1].PayloadTypes.Count);
        Assert.DoesNotContain(media.SelectMany(one => one.HeaderExtensions), extension => extension.Id == 5);
        Assert.Empty(media[0].PayloadTypes[0].Feedback);
    }

    [Fact]
    public void Create_AudioOnlyClient_GetsNoVideo() => Assert.Equal(["audio"], OfferFactory.Create(ParticipantFeatures.Audio, new OfferOptions()).Select(one => one.Media));

    [Fact]
    public void Create_Red_ComesFirstAndTakesTheFecAway()
    {
        var audio = OfferFactory.Create(Modern | ParticipantFeatures.Red, new OfferOptions { RedPayloadType = 112 })[0];
        Assert.Equal([112, 111, 126], audio.PayloadTypes.Select(type => type.Id));
        Assert.Equal(new PayloadTypeParameter(null, "111/111"), audio.PayloadTypes[0].Parameters.Single());
        Assert.Equal(["minptime"], audio.PayloadTypes[1].Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void Create_DisabledCodec_LeavesItAndItsRtxOut()
    {
        var video = OfferFactory.Create(Modern, new OfferOptions { Av1 = new(0, 42), Vp9 = new(101, 0) })[1];
        Assert.Equal([100, 107, 101, 96, 99], video.PayloadTypes.Select(type => type.Id));
    }
}
