using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>The endpoint's audio subscriptions, and the SSRCs in use on its connection.</summary>
internal sealed partial class BridgeEndpoint
{
    private readonly Dictionary<uint, EgressStream> _streams = [];
    private readonly Queue<uint> _streamOrder = [];
    private readonly Dictionary<string, (VideoType Type, MonotonicTime At)> _videoTypes = [];
    private ReceiverAudioSubscription _audio = new(true, [], []);

    /// <summary>Streams remembered for current and former sources.</summary>
    public int KeptStreams => _streams.Count;

    /// <summary>Video types announced for sources that do not exist yet.</summary>
    public int KeptVideoTypes => _videoTypes.Count;

    public bool WantsAudio(string sourceName) =>
        !_audio.Exclude.Contains(sourceName) && (_audio.All || _audio.Include.Contains(sourceName));

    public void SetAudioSubscription(ReceiverAudioSubscription subscription)
    {
        _audio = subscription;
        foreach (var (source, audio) in AudioSubscriptions) audio.Wanted = WantsAudio(source.Name);
    }

    /// <summary>
    /// Without SSRC rewriting: the stream of a source under its own SSRCs. It outlives the source, and a source that returns with the same SSRC (a camera turned off and on)
    /// continues with the next number.
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

    /// <summary>Stores the video type of a source that focus has not announced yet: the channel and focus are not ordered. Null: the first source.</summary>
    public void KeepVideoType(string? sourceName, VideoType type, MonotonicTime now)
    {
        if (_videoTypes.Count < EndpointLimits.MaxSources || _videoTypes.ContainsKey(sourceName ?? "")) _videoTypes[sourceName ?? ""] = (type, now);
    }

    /// <summary>The announced video type of a source that is being added; null when there is none, or it expired.</summary>
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

    /// <summary>Whether one of the endpoint's own sources uses the SSRC.</summary>
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
