namespace JitsiMesh.Hosting.Links;

/// <summary>Names in the store that both link implementations and the edge use.</summary>
public static class OwnershipKeys
{
    public static string Epoch(string role, int partition) => FormattableString.Invariant($"epoch/{role}/{partition}");

    /// <summary>Placement: the id of the node that owns the partition.</summary>
    public static string Owner(string role, int partition) => FormattableString.Invariant($"owner/{role}/{partition}");

    /// <summary>Placement: a node that takes part in owning the role's partitions.</summary>
    public static string Member(string role, string nodeId) => $"member/{role}/{nodeId}";

    public static string Members(string role) => $"member/{role}/";
}
