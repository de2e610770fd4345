namespace JitsiMesh.Hosting.Nodes;

/// <summary>Placements that say which node keeps the sessions of one that has stopped: the edge sends their clients there.</summary>
public static class SessionKeepers
{
    /// <summary>The placement of one node's sessions; its value is the id of the node that keeps them now.</summary>
    public static string Key(string serviceName, string nodeId) => Keys(serviceName) + nodeId;

    /// <summary>The value while a node hands its sessions over: nobody may take them before it says who has them, unless it dies meanwhile.</summary>
    public const string Leaving = "-";

    public static string Keys(string serviceName) => $"keeper/{serviceName}/";

    /// <summary>The node whose sessions a placement is about.</summary>
    public static string NodeOf(string serviceName, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key[Keys(serviceName).Length..];
    }

    /// <summary>The live node that takes the sessions of a dead one: the same wherever it is asked. Null without live nodes.</summary>
    public static string? Heir(string nodeId, IEnumerable<string> liveNodeIds) => Links.RendezvousHash.Owner(nodeId, 0, liveNodeIds.Where(live => live != nodeId));
}
