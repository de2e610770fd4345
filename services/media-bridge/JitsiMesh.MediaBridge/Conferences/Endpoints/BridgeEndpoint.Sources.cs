using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>Which microphones it hears, and which SSRCs are in use on its connection.</summary>
internal sealed partial class BridgeEndpoint
{
    private readonly Dictionary<uint, EgressStream> _streams = [];
    private readonly Queue<uint> _streamOrder = [];
    private readonly Dictionary<string, (VideoType Type, MonotonicTime At)> _videoTypes = [];
    private ReceiverAudioSubscription _audio = new(true, [], []);

    /// <summary>Streams remembered of sources that are and that were.</summary>
    public int KeptStreams => _streams.Count;

    /// <summary>Kinds that were told of sources which are not there.</summary>
    public int KeptVideoTypes => _videoTypes.Count;

    public bool WantsAudio(string sourceName) =>
        !_audio.Exclude.Contains(sourceName) && (_audio.All || _audio.Include.Contains(sourceName));

    public void SetAudioSubscription(ReceiverAudioSubscription subscription)
    {
        _audio = subscription;
        foreach (var (source, audio) in AudioSubscriptions) audio.Wanted = WantsAudio(source.Name);
    }

    /// <summary>
    /// Without SSRC rewriting: the stream of a source under its own SSRCs. It is kept beyond the source, and a source that comes back under the same SSRC
    /// (a camera turned off and on) continues with the next number.
    /// </summary>
    public EgressStream StreamFor(uint ssrc, uint rtxSsrc, bool isVideo)
    {
        if (_streams.TryGetValue(ssrc, out var earlier))
        {
            if (earlier.RtxSsrc == rtxSsrc && earlier.IsVideo == isVideo) return earlier;
        }
        else
        {
            if (_streamOrder.Count >= EndpointLimits.MaxKeptStreams) _streams.Remove(_streamOrder.Dequeue());
            _streamOrder.Enqueue(ssrc);
        }

        return _streams[ssrc] = new EgressStream(ssrc, rtxSsrc, null, isVideo, earlier);
    }

    /// <summary>The kind of a source that focus has not told of yet: the two ways are not ordered. A name of null: the first one's.</summary>
    public void KeepVideoType(string? sourceName, VideoType type, MonotonicTime now)
    {
        if (_videoTypes.Count < EndpointLimits.MaxSources || _videoTypes.ContainsKey(sourceName ?? "")) _videoTypes[sourceName ?? ""] = (type, now);
    }

    /// <summary>What was said of the kind of a source that is about to be added; null when nothing was, or long ago.</summary>
    public VideoType? TakeVideoType(string sourceName, MonotonicTime now)
    {
        if (!_videoTypes.Remove(sourceName, out var told) && (VideoSources.Count > 0 || !_videoTypes.Remove("", out told))) return null;
        return now - told.At <= EndpointLimits.VideoTypeAhead ? told.Type : null;
    }

    public bool UsesSsrc(uint ssrc)
    {
        if (SendsSsrc(ssrc)) return true;
        foreach (var slot in VideoSlots?.Slots ?? [])
        {
            if (slot.Stream.Ssrc == ssrc || slot.Stream.RtxSsrc == ssrc) return true;
        }

        foreach (var slot in AudioSlots?.Slots ?? [])
        {
            if (slot.Stream.Ssrc == ssrc) return true;
        }

        return false;
    }

    /// <summary>One of its own sources has it.</summary>
    public bool SendsSsrc(uint ssrc)
    {
        foreach (var source in AudioSources)
        {
            if (source.Ssrc == ssrc) return true;
        }

        foreach (var source in VideoSources)
        {
            foreach (var encoding in source.Encodings)
            {
                if (encoding.Ssrc == ssrc || encoding.RtxSsrc == ssrc) return true;
            }
        }

        return false;
    }
}
