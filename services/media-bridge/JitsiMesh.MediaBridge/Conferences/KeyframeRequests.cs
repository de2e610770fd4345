using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Requests for keyframes (RFC 4585 section 6.3.1) to the senders of encodings; each sender's <see cref="BridgeEndpoint.Keyframes"/> paces them.</summary>
internal static class KeyframeRequests
{
    /// <summary>Requests a keyframe from an encoding's sender, within the limits.</summary>
    /// <param name="encoding">The encoding.</param>
    /// <param name="requester">The receiver that needs it; null for the bridge itself.</param>
    /// <param name="now">The time.</param>
    public static void Send(VideoEncoding encoding, BridgeEndpoint? requester, MonotonicTime now)
    {
        // A receiver that cannot be sent to must not use up its share: it requests again when it can.
        if (requester is { CanSend: false }) return;
        var owner = encoding.Source.Owner;
        if (!owner.CanSend || !owner.Keyframes.TryRequest(requester, encoding.Ssrc, now)) return;
        owner.SendPli(encoding.Ssrc);
    }
}
