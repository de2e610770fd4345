using JitsiMesh.Headless.Media;
using JitsiMesh.Jingle;

namespace JitsiMesh.Headless.Sockets;

public sealed partial class HeadlessClient
{
    /// <summary>The streams received from an occupant now, however SSRCs are signalled; empty when there are none.</summary>
    public IReadOnlyList<ReceivedStream> StreamsFrom(string nick, MediaKind kind)
    {
        if (_endpoint is not { } endpoint) return [];
        var signalled = Read(p => p.RemoteSources[nick].Sources.Where(s => s.Kind == kind).Select(s => s.Ssrc).ToList());
        return _runner.Invoke(_ =>
        {
            var suffix = kind == MediaKind.Audio ? "-a" : "-v";
            var mapped = endpoint.Channel.Sources.Values.Where(s => s.Owner == nick && s.Source.StartsWith(nick + suffix, StringComparison.Ordinal)).Select(s => s.Ssrc);
            return mapped.Concat(signalled).Distinct().Select(ssrc => endpoint.Streams.GetValueOrDefault(ssrc)).OfType<ReceivedStream>().ToList();
        });
    }

    /// <summary>The number of audio packets received from an occupant.</summary>
    public long AudioFrom(string nick) => StreamsFrom(nick, MediaKind.Audio).Sum(s => s.Packets);

    /// <summary>The number of decodable video frames received from an occupant.</summary>
    public long FramesFrom(string nick) => StreamsFrom(nick, MediaKind.Video).Sum(s => s.DecodableFrames);

    /// <summary>The number of packets that never arrived, on all streams.</summary>
    public long Lost => ReadMedia(e => e.Streams.Values.Sum(s => s.Lost), 0L);

    /// <summary>The bridge has sent its hello on the channel.</summary>
    public bool HasChannel => ReadMedia(e => e.Channel.SawServerHello, false);

    public bool IsMediaConnected => ReadMedia(e => e.IsConnected, false);
}
