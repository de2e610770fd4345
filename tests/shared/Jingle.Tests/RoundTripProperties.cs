using FsCheck.Xunit;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Jingle.Tests;

public class RoundTripProperties
{
    [Property(MaxTest = 300)]
    public bool Parse_OfFormat_GivesTheSameMessage(ulong seed)
    {
        var message = RandomMessage(new SeededRandomSource(seed));
        var text = JingleFormat.Format(message).ToString();
        return JingleParser.TryParse(XmppParser.Parse(text), out var read, out _) && JingleFormat.Format(read).ToString() == text
            && read.Contents.Count == message.Contents.Count && read.Action == message.Action;
    }

    [Property(MaxTest = 300)]
    public bool Adding_ThenRemoving_LeavesNothing(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        var sources = new ConferenceSources(new SourceLimits());
        var set = RandomSet(random, "a");
        if (sources.TryAdd("a", set, out _) != SourceRejection.None) return false;
        return sources.TryRemove("a", set, out var removed) == SourceRejection.None && removed.Equals(set) && sources.Map.IsEmpty;
    }

    [Property(MaxTest = 300)]
    public bool Stripping_LeavesOneVideoSsrcPerName_AndItsRetransmission(ulong seed)
    {
        var stripped = RandomSet(new SeededRandomSource(seed), "a").WithoutSimulcast();
        return stripped.Groups.All(group => group.Semantics == GroupSemantics.Fid)
            && stripped.Sources.Where(source => source.Kind == MediaKind.Video).GroupBy(source => source.Name).All(group => group.Count() <= 2);
    }

    private static SourceSet RandomSet(SeededRandomSource random, string owner)
    {
        var sources = new List<Source>();
        var groups = new List<SsrcGroup>();
        uint next = 1;
        for (var i = 0; i <= random.NextInt(2); i++)
        {
            var layers = new List<uint>();
            for (var layer = 0; layer <= random.NextInt(3); layer++)
            {
                layers.Add(next);
                sources.Add(new Source(next++, MediaKind.Video, $"{owner}-v{i}", $"{owner}{i} t", i == 1 ? VideoType.Desktop : VideoType.Camera));
            }

            if (layers.Count > 1) groups.Add(new SsrcGroup(GroupSemantics.Sim, MediaKind.Video, layers));
            foreach (var layer in layers)
            {
                groups.Add(new SsrcGroup(GroupSemantics.Fid, MediaKind.Video, [layer, next]));
                sources.Add(new Source(next++, MediaKind.Video, $"{owner}-v{i}", $"{owner}{i} t", i == 1 ? VideoType.Desktop : VideoType.Camera));
            }
        }

        sources.Add(new Source(next, MediaKind.Audio, $"{owner}-a0", $"{owner}a t"));
        return new SourceSet(sources, groups);
    }

    private static JingleMessage RandomMessage(SeededRandomSource random)
    {
        string Text() => random.NextString(1 + random.NextInt(8), "ab<&>\"' é=;/");
        bool Coin() => random.NextInt(2) == 0;
        var related = Coin();
        var contents = new List<JingleContent>();
        foreach (var kind in new[] { MediaKind.Audio, MediaKind.Video })
        {
            if (Coin()) continue;
            var set = RandomSet(random, "x").Of(kind);
            contents.Add(new JingleContent
            {
                Name = kind == MediaKind.Audio ? "audio" : "video",
                Senders = Coin() ? "both" : null,
                Creator = Coin() ? "initiator" : "responder",
                InitialLastN = Coin() ? random.NextInt(100) : null,
                Description = new RtpDescription
                {
                    Media = kind == MediaKind.Audio ? "audio" : "video",
                    PayloadTypes = [new PayloadType { Id = random.NextInt(128), Name = Text(), ClockRate = random.NextInt(90001), Channels = 1 + random.NextInt(2), Parameters = [new(Coin() ? Text() : null, Text())], Feedback = [new("nack", Coin() ? "pli" : null)] }],
                    HeaderExtensions = [new(1 + random.NextInt(255), Text())],
                    ExtmapAllowMixed = Coin(),
                    RtcpMux = Coin(),
                    Sources = [.. set.Sources.Select(source => new OwnedSource(Coin() ? "x" : null, source))],
                    Groups = set.Groups,
                },
                Transport = new IceUdpTransport
                {
                    Ufrag = Coin() ? random.NextString(4 + random.NextInt(253), "abXY09+/") : null,
                    Password = Coin() ? random.NextString(22 + random.NextInt(235), "abXY09+/") : null,
                    IceGeneration = Coin() ? random.NextInt(9) : null,
                    RtcpMux = Coin(),
                    WebSockets = Coin() ? ["wss://x/?a=b&c"] : [],
                    SctpMap = Coin() ? new SctpMap(5000, "webrtc-datachannel", 1024) : null,
                    Fingerprints = Coin() ? [new("sha-256", Coin() ? "active" : "actpass", string.Join(':', Enumerable.Repeat("AB", 32))) { Cryptex = Coin() }] : [],
                    Candidates = [new() { Foundation = "1", Protocol = Coin() ? "udp" : "tcp", Priority = random.NextUInt32(), Address = "::1", Port = random.NextInt(65536), Type = "host", RelatedAddress = related ? "10.0.0.1" : null, RelatedPort = related && Coin() ? 9 : null, TcpType = Coin() ? "active" : null }],
                },
            });
        }

        var compact = new SourceMap { ["x"] = RandomSet(random, "x"), ["jvb"] = RandomSet(random, "jvb") };
        return new JingleMessage
        {
            Action = (JingleAction)random.NextInt(17),
            Sid = "s",
            Initiator = Coin() ? "a@b/c" : null,
            Contents = contents,
            Group = Coin() ? new ContentGroup("BUNDLE", ["audio", "video"]) : null,
            Reason = Coin() ? new JingleReason("success", Coin() ? "moving" : null) : null,
            BridgeSession = Coin() ? new BridgeSessionInfo("id", Coin() ? "eu" : null) { Restart = Coin(), IceRestart = Coin() } : null,
            StartMuted = Coin() ? new StartMuted(Coin(), Coin()) : null,
            IceState = Coin() ? "failed" : null,
            CompactSources = Coin() ? compact : null,
        };
    }
}
