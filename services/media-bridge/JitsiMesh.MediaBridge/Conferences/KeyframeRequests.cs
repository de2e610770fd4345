using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Requests for keyframes (RFC 4585 section 6.3.1) to the senders of encodings; each sender's <see cref="BridgeEndpoint.Keyframes"/> paces them.</summary>
internal static class KeyframeRequests
{
    /// <summary>Asks an encoding's sender for a keyframe, within the limits.</summary>
    /// <param name="encoding">Of which encoding.</param>
    /// <param name="requester">The receiver that needs it; null for the bridge itself.</param>
    /// <param name="now">The time.</param>
    public static void Send(VideoEncoding encoding, BridgeEndpoint? requester, MonotonicTime now)
    {
        // What a receiver cannot be sent must not use up its share: it asks again once it can.
        if (requester is { CanSend: false }) return;
        var owner = encoding.Source.Owner;
        if (!owner.CanSend || !owner.Keyframes.TryRequest(requester, encoding.Ssrc, now)) return;
        owner.SendPli(encoding.Ssrc);
    }
}
