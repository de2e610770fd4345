using System.Text.Json;

namespace JitsiMesh.Hosting.Nodes;

/// <summary>What a live node tells the others about itself through the placement store.</summary>
public sealed record NodeRecord
{
    public required string NodeId { get; init; }

    public required string ServiceName { get; init; }

    /// <summary>Where its inner HTTP is: <c>http://host:port</c>.</summary>
    public required string HttpAddress { get; init; }

    /// <summary>Where its gRPC is: <c>http://host:port</c>.</summary>
    public required string GrpcAddress { get; init; }

    /// <summary>It finishes what it has and takes nothing new.</summary>
    public bool Draining { get; init; }

    public static string Key(string serviceName, string nodeId) => $"node/{serviceName}/{nodeId}";

    public static string Keys(string serviceName) => $"node/{serviceName}/";

    public string ToText() => JsonSerializer.Serialize(this);

    /// <summary>Null for a text that is no record: another version's, or somebody else's.</summary>
    public static NodeRecord? FromText(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<NodeRecord>(text) is { NodeId: not null, ServiceName: not null } record && IsAddress(record.HttpAddress) && IsAddress(record.GrpcAddress) ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A node whose name is no host's must not make the one that looks for any node fail.
    private static bool IsAddress(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp;
}
