using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>One named microphone of an endpoint.</summary>
internal sealed class AudioSource(BridgeEndpoint owner, SourceLayout layout)
{
    /// <summary>Packets of digital silence forwarded in a row: enough for the listener's comfort noise to start. Further ones are dropped.</summary>
    public const int ForwardedSilence = 4;

    private readonly SequenceGapCloser _closer = new();
    private readonly DuplicateFilter _duplicates = new();
    private SequenceUnwrapper _unwrapper;
    private int _silent;

    public BridgeEndpoint Owner { get; } = owner;

    public SourceLayout Layout { get; } = layout;

    public string Name => Layout.Name;

    public uint Ssrc => Layout.Encodings[0].Ssrc;

    public ReceptionStatistics Statistics { get; } = new(layout.Encodings[0].Ssrc, 48_000);

    public List<AudioSubscription> Subscriptions { get; } = [];

    public MonotonicTime LastPacket { get; set; }

    public bool Seen { get; set; }

    /// <summary>Renumbers a packet; false when it is a duplicate, too old, or silence beyond the limit.</summary>
    public bool TryTake(ref IngressPacket packet, ushort sequence)
    {
        var unrolled = _unwrapper.Unwrap(sequence);
        if (!_duplicates.TryAdd(unrolled)) return false;
        if (packet.AudioLevel >= 0 && (packet.AudioLevel & 0x7F) == AudioLevel.Silence)
        {
            if (_silent >= ForwardedSilence)
            {
                _closer.Discard(unrolled);
                return false;
            }

            _silent++;
        }
        else
        {
            _silent = 0;
        }

        return _closer.TryPass(unrolled, out packet.Sequence);
    }

    /// <summary>Skips a packet without sound.</summary>
    public void Discard(ushort sequence) => _closer.Discard(_unwrapper.Unwrap(sequence));
}
