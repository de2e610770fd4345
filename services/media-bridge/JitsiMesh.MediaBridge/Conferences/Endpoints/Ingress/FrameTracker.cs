using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>
/// Separates the frames of one encoding and numbers them, once for all receivers. Numbers increase by one for each frame of the encoder, so a gap means a frame of which
/// nothing arrived. When a sender restarts its picture ids the numbers continue.
/// </summary>
internal sealed class FrameTracker
{
    private const int Capacity = 128;
    private readonly VideoFrame?[] _ring = new VideoFrame?[Capacity];
    private VideoFrame? _highestFrame;
    private long _newest = -1;
    private long _bias;
    private uint _newestTimestamp;
    private FrameDescription _description;

    /// <summary>Sets the frame of a packet, and the state before it. The codec's own fields must have been read.</summary>
    public void Classify(ref IngressPacket packet)
    {
        if (packet.Description != _description)
        {
            _description = packet.Description;
            Array.Clear(_ring);
            _highestFrame = null;
            _newest = -1;
            _bias = 0;
        }

        packet.PreviousFrame = _highestFrame;
        var frame = Find(ref packet);
        packet.Frame = frame;
        if (frame is null) return;
        if (packet.FrameStart) frame.StartSeen = true;
        if (packet.FrameEnd) frame.EndSeen = true;
        if (packet.KeyframeStart) frame.Keyframe = true;
        if (packet.InOrder) _highestFrame = frame;
    }

    private VideoFrame? Find(ref IngressPacket packet)
    {
        var isNewTimestamp = _newest < 0 || SequenceArithmetic.IsNewer(packet.Timestamp, _newestTimestamp);
        var number = packet.Description switch
        {
            FrameDescription.Vp8 => Unroll(packet.Vp8.PictureId, packet.Vp8.IsPictureId15Bits ? 15 : 7),
            FrameDescription.Vp9 => Unroll(packet.Vp9.PictureId, packet.Vp9.IsPictureId15Bits ? 15 : 7),
            FrameDescription.Descriptor => Unroll(packet.DescriptorFields.FrameNumber, 16),
            _ => FindByTimestamp(packet.Timestamp, isNewTimestamp),
        };
        if (number < 0 && packet.Description == FrameDescription.Generic) return null;

        // A restarted encoder starts at any picture id: a packet in order and with a newer timestamp is newer, whatever its id.
        if (_newest >= 0 && packet.InOrder && isNewTimestamp && (number <= _newest || number - _newest > Capacity * 8))
        {
            _bias += _newest + 1 - number;
            number = _newest + 1;
        }

        if (number <= _newest - Capacity) return null;
        ref var slot = ref _ring[(int)(number & (Capacity - 1))];
        slot ??= new VideoFrame();
        if (slot.Number == number) return slot;
        if (slot.Number > number) return null;
        slot.Reset(number, packet.Timestamp);
        Describe(slot, packet);
        if (number > _newest)
        {
            _newest = number;
            _newestTimestamp = packet.Timestamp;
        }

        return slot;
    }

    private long Unroll(int value, int bits)
    {
        if (_newest < 0) return (1L << bits) + value;
        var raw = _newest - _bias;
        var mask = (1L << bits) - 1;
        var distance = (value - raw) & mask;
        if (distance > mask >> 1) distance -= mask + 1;
        return raw + distance + _bias;
    }

    private long FindByTimestamp(uint timestamp, bool isNew)
    {
        if (_newest < 0) return 1;
        if (isNew) return _newest + 1;
        for (var n = _newest; n > _newest - Capacity && n >= 0; n--)
        {
            var frame = _ring[(int)(n & (Capacity - 1))];
            if (frame is not null && frame.Number == n && frame.Timestamp == timestamp) return n;
        }

        return -1;
    }

    private static void Describe(VideoFrame frame, in IngressPacket packet)
    {
        switch (packet.Description)
        {
            case FrameDescription.Vp8:
                frame.TemporalId = (byte)packet.Vp8.TemporalId;
                frame.Tl0PictureIndex = packet.Vp8.Tl0PictureIndex;
                break;
            case FrameDescription.Vp9:
                frame.TemporalId = (byte)packet.Vp9.TemporalId;
                frame.SpatialId = (byte)packet.Vp9.SpatialId;
                frame.Tl0PictureIndex = packet.Vp9.Tl0PictureIndex;
                break;
            case FrameDescription.Descriptor:
                frame.TemporalId = (byte)packet.DescriptorFields.TemporalId;
                frame.SpatialId = (byte)packet.DescriptorFields.SpatialId;
                frame.Keyframe = packet.DescriptorFields.IsKeyframe;
                break;
        }
    }
}
