using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace JitsiMesh.Tidy.Tests;

/// <summary>A compose file of the repository's root as compose reads it: anchors, merge keys and what a service extends resolved.</summary>
internal sealed class Compose
{
    private readonly YamlMappingNode _root;

    private Compose(YamlMappingNode root) => _root = root;

    public IReadOnlyDictionary<string, YamlMappingNode> Services =>
        ((YamlMappingNode)_root["services"]).Children.ToDictionary(pair => Text(pair.Key), pair => (YamlMappingNode)pair.Value, StringComparer.Ordinal);

    public static Compose Read(string text)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(text);
        stream.Load(new Parser(reader));
        return new Compose((YamlMappingNode)Resolve(stream.Documents.Single().RootNode));
    }

    /// <summary>The files that bring one more thing each, besides docker-compose.yml.</summary>
    public static IReadOnlyList<string> Overlays { get; } = ["jigasi", "jibri", "transcriber", "etherpad", "whiteboard", "prometheus", "grafana", "log-analyser"];

    public static Compose ReadFile(string name)
    {
        var compose = Read(Repository.Read(name));
        foreach (var block in compose.Services.Values)
        {
            if (!block.Children.TryGetValue("extends", out var node)) continue;
            var extends = (YamlMappingNode)node;
            var inherited = ReadFile(Text(extends["file"])).Services[Text(extends["service"])];
            block.Children.Remove("extends");
            Inherit(block, inherited);
        }

        return compose;
    }

    /// <summary>Names of volumes at the top of the file.</summary>
    public IReadOnlyList<string> Volumes => _root.Children.TryGetValue("volumes", out var volumes) ? [.. ((YamlMappingNode)volumes).Children.Keys.Select(Text)] : [];

    /// <summary>What a service's own block sets, over its env_file.</summary>
    public static IReadOnlyDictionary<string, string> Environment(YamlMappingNode service) =>
        service.Children.TryGetValue("environment", out var block)
            ? ((YamlMappingNode)block).Children.ToDictionary(pair => Text(pair.Key), pair => Text(pair.Value), StringComparer.Ordinal)
            : [];

    public static IReadOnlyList<string> Texts(YamlMappingNode service, string key) => service.Children.TryGetValue(key, out var node)
        ? node is YamlSequenceNode list ? [.. list.Select(Text)] : [Text(node)]
        : [];

    // What a block does not say itself; of mappings each key, of volumes those for other folders.
    private static void Inherit(YamlMappingNode block, YamlMappingNode inherited)
    {
        foreach (var (key, value) in inherited.Children)
        {
            if (!block.Children.TryGetValue(key, out var own)) block.Add(key, value);
            else if (own is YamlMappingNode mapping && value is YamlMappingNode more) Inherit(mapping, more);
        }
    }

    /// <summary>The items of a list, or the keys of a mapping.</summary>
    public static IReadOnlyList<string> Names(YamlMappingNode service, string key) =>
        service.Children.TryGetValue(key, out var node) && node is YamlMappingNode mapping ? [.. mapping.Children.Keys.Select(Text)] : Texts(service, key);

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";

    // YAML 1.1 merge keys: what stands in the mapping itself wins, then the first of several that are merged.
    private static YamlNode Resolve(YamlNode node)
    {
        switch (node)
        {
            case YamlSequenceNode list:
                return new YamlSequenceNode(list.Select(Resolve));
            case YamlMappingNode mapping:
                var result = new YamlMappingNode();
                foreach (var (key, value) in mapping.Children.Where(pair => Text(pair.Key) != "<<")) result.Add(key, Resolve(value));
                foreach (var (_, value) in mapping.Children.Where(pair => Text(pair.Key) == "<<"))
                {
                    foreach (var merged in value is YamlSequenceNode several ? several : (IEnumerable<YamlNode>)[value])
                    {
                        foreach (var (key, inner) in ((YamlMappingNode)Resolve(merged)).Children)
                        {
                            if (!result.Children.ContainsKey(key)) result.Add(key, inner);
                        }
                    }
                }

                return result;
            default:
                return node;
        }
    }
}
