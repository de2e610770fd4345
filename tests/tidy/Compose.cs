using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace JitsiMesh.Tidy.Tests;

/// <summary>docker-compose.yml as compose reads it: anchors and merge keys resolved.</summary>
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

    /// <summary>What a service's own block sets, over its env_file.</summary>
    public static IReadOnlyDictionary<string, string> Environment(YamlMappingNode service) =>
        service.Children.TryGetValue("environment", out var block)
            ? ((YamlMappingNode)block).Children.ToDictionary(pair => Text(pair.Key), pair => Text(pair.Value), StringComparer.Ordinal)
            : [];

    public static IReadOnlyList<string> Texts(YamlMappingNode service, string key) => service.Children.TryGetValue(key, out var node)
        ? node is YamlSequenceNode list ? [.. list.Select(Text)] : [Text(node)]
        : [];

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
