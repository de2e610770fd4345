using JitsiMesh.MediaBridge.BridgeChannel;

namespace JitsiMesh.MediaBridge.Endpoints;

/// <summary>Which microphones it hears, and which SSRCs are in use on its connection.</summary>
internal sealed partial class BridgeEndpoint
{
    private ReceiverAudioSubscription _audio = new(true, [], []);

    public bool WantsAudio(string sourceName) =>
        !_audio.Exclude.Contains(sourceName) && (_audio.All || _audio.Include.Contains(sourceName));

    public void SetAudioSubscription(ReceiverAudioSubscription subscription)
    {
        _audio = subscription;
        foreach (var (source, audio) in AudioSubscriptions) audio.Wanted = WantsAudio(source.Name);
    }

    public bool UsesSsrc(uint ssrc)
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
}
