using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Tests.Ingress;

public sealed class VideoEncodingTests
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(33);
    private readonly VideoSource _source = new(null!, new SourceLayout("a-v0", true, VideoType.Camera, [(1, 11), (2, 12), (3, 13)]));
    private MonotonicTime _now = MonotonicTime.FromSeconds(100);

    [Fact]
    public void A_late_packet_of_the_codec_before_changes_nothing_and_asks_for_nothing()
    {
        var encoding = _source.Encodings[0];
        foreach (var sequence in new[] { 1, 2, 4 }) Assert.True(Describe(encoding, Codec.Vp8, sequence, out _));
        long number = 0;
        for (var sequence = 5; sequence < 10; sequence++)
        {
            Assert.True(Describe(encoding, Codec.H264, sequence, out var frame));
            number = frame;
        }

        var late = Packet(Codec.Vp8, 3);
        Assert.False(encoding.Describe(ref late, 3));
        Assert.Null(late.Encoding);
        Assert.True(Describe(encoding, Codec.H264, 10, out var next));
        Assert.Equal(number + 1, next);
    }

    [Fact]
    public void Temporal_layers_that_are_forwarded_whole_are_one_layer_to_the_allocation()
    {
        var encoding = _source.Encodings[0];
        foreach (var codec in new[] { Codec.Vp8, Codec.Vp9 })
        {
            for (var i = 0; i < 12; i++)
            {
                var sequence = (codec == Codec.Vp9 ? 100 : 0) + i;
                var packet = Packet(codec, sequence);
                Assert.True(encoding.Describe(ref packet, sequence));
                Assert.Equal(i % 3, packet.Frame!.TemporalId);
                encoding.Measure(packet, _now);
                encoding.Revive(_now);
            }

            var layers = new List<LayerSnapshot>();
            encoding.AppendLayers(layers, _now);
            Assert.Equal(codec == Codec.Vp8 ? 3 : 1, layers.Count);
            Assert.All(layers, layer => Assert.True(layer.BitsPerSecond > 0));
        }
    }

    [Fact]
    public void An_encoding_that_dies_is_noticed_by_those_that_go_on()
    {
        Send(3, pictures: 90);
        Assert.Equal(0, Send(3, pictures: 60));
        Assert.Equal(0, Send(2, pictures: 30));
        var noticed = Send(2, pictures: 30);
        Assert.True(noticed > 0);
        Assert.False(_source.Encodings[2].IsAlive(_now));

        // Until rates can be told once more; then nothing.
        Send(2, pictures: 60);
        Assert.Equal(0, Send(2, pictures: 60));
    }

    [Fact]
    public void Encodings_that_are_silent_together_do_not_count_as_dead_to_each_other()
    {
        // A screen at rest: a picture each two seconds, its encodings some milliseconds apart. Each comes alive once a picture, as it must be.
        for (var picture = 0; picture < 10; picture++)
        {
            _now += TimeSpan.FromSeconds(2);
            Assert.Equal(3, Revivals(3));
            _now += TimeSpan.FromMilliseconds(60);
            Assert.Equal(0, Revivals(3));
        }

        // A picture each second: nothing is silent for long enough.
        for (var picture = 0; picture < 3; picture++) Second();
        for (var picture = 0; picture < 10; picture++) Assert.Equal(0, Second());

        int Second()
        {
            _now += TimeSpan.FromSeconds(1);
            return Revivals(3);
        }
    }

    private int Send(int encodings, int pictures)
    {
        var reports = 0;
        for (var i = 0; i < pictures; i++)
        {
            _now += Frame;
            reports += Revivals(encodings);
        }

        return reports;
    }

    private int Revivals(int encodings)
    {
        var reports = 0;
        for (var e = 0; e < encodings; e++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            if (_source.Encodings[e].Revive(_now)) reports++;
        }

        return reports;
    }

    private bool Describe(VideoEncoding encoding, Codec codec, int sequence, out long frame)
    {
        var packet = Packet(codec, sequence);
        var described = encoding.Describe(ref packet, sequence);
        frame = packet.Frame?.Number ?? -1;
        return described;
    }

    private IngressPacket Packet(Codec codec, int sequence)
    {
        var temporal = sequence % 100 % 3;
        var payload = new byte[40];
        switch (codec)
        {
            case Codec.Vp8:
                payload[Vp8Descriptor.WriteFull(payload, true, false, (ushort)sequence, (byte)(sequence / 3), temporal, false, 0)] = 1;
                break;
            case Codec.Vp9:
                // Picture id and layers, beginning and end of a frame.
                payload[0] = 0x80 | 0x20 | 0x08 | 0x04;
                payload[1] = (byte)(sequence & 0x7F);
                payload[2] = (byte)(temporal << 5);
                payload[3] = (byte)(sequence / 3);
                break;
            default:
                payload[0] = 0x61;
                break;
        }

        return new IngressPacket
        {
            Payload = payload,
            PayloadType = 100,
            Codec = codec,
            Marker = true,
            Timestamp = (uint)(sequence * 3000),
            Arrival = _now,
            AudioLevel = -1,
            Orientation = -1,
        };
    }
}
