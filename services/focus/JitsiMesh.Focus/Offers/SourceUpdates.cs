using JitsiMesh.Jingle;

namespace JitsiMesh.Focus.Offers;

/// <summary>Builds source-add and source-remove for a client, in the encoding that it supports.</summary>
public static class SourceUpdates
{
    public static JingleMessage Create(JingleAction action, string sid, string initiator, SourceMap sources, bool json)
    {
        if (json) return new JingleMessage { Action = action, Sid = sid, Initiator = initiator, CompactSources = sources };
        var contents = new List<JingleContent>();
        foreach (var kind in new[] { MediaKind.Audio, MediaKind.Video })
        {
            var owned = Owned(sources, kind);
            if (owned.Count == 0) continue;
            var name = kind == MediaKind.Audio ? "audio" : "video";
            contents.Add(new JingleContent { Name = name, Description = new RtpDescription { Media = name, Sources = owned, Groups = Groups(sources, kind) } });
        }

        return new JingleMessage { Action = action, Sid = sid, Initiator = initiator, Contents = contents };
    }

    internal static IReadOnlyList<OwnedSource> Owned(SourceMap sources, MediaKind kind) =>
        [.. sources.Entries.SelectMany(entry => entry.Value.Sources.Where(source => source.Kind == kind).Select(source => new OwnedSource(entry.Key, source)))];

    internal static IReadOnlyList<SsrcGroup> Groups(SourceMap sources, MediaKind kind) =>
        [.. sources.Entries.SelectMany(entry => entry.Value.Groups.Where(group => group.Kind == kind))];
}
