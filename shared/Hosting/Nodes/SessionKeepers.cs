namespace JitsiMesh.Hosting.Nodes;

/// <summary>Placements that say which node keeps the sessions of one that has stopped: the edge sends their clients there.</summary>
public static class SessionKeepers
{
    /// <summary>The placement of one node's sessions; its value is the id of the node that keeps them now.</summary>
    public static string Key(string serviceName, string nodeId) => Keys(serviceName) + nodeId;

    public static string Keys(string serviceName) => $"keeper/{serviceName}/";

    /// <summary>The node whose sessions a placement is about.</summary>
    public static string NodeOf(string serviceName, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key[Keys(serviceName).Length..];
    }
}
