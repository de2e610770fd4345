namespace JitsiMesh.Contracts;

/// <summary>
/// The 64 partitions into which rooms and their conferences are divided. At any time one signalling node and one focus node own a partition
/// (docs/decisions: partitions).
/// </summary>
public static class Partitions
{
    public const int Count = 64;

    /// <summary>
    /// The partition of a room: FNV-1a over its bare name, the part before the first '@', without the tenant
    /// (<c>[tenant]name@muc</c> and <c>name@muc.tenant.domain</c> map to the partition of <c>name</c>).
    /// </summary>
    public static int Of(string roomJid)
    {
        var at = roomJid.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? roomJid.AsSpan() : roomJid.AsSpan(0, at);
        if (name.Length > 0 && name[0] == '[')
        {
            var close = name.IndexOf(']');
            if (close > 0 && close < name.Length - 1) name = name[(close + 1)..];
        }

        var hash = 2166136261u;
        foreach (var c in name)
        {
            hash = (hash ^ (byte)c) * 16777619u;
            hash = (hash ^ (byte)(c >> 8)) * 16777619u;
        }

        return (int)(hash % Count);
    }
}
