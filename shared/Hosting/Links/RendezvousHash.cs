namespace JitsiMesh.Hosting.Links;

/// <summary>
/// Which of the live nodes should own a partition: the one with the highest hash of (node, partition). When a node comes or goes only its
/// own share moves.
/// </summary>
public static class RendezvousHash
{
    public static string? Owner(string role, int partition, IEnumerable<string> nodes)
    {
        string? best = null;
        ulong bestScore = 0;
        foreach (var node in nodes)
        {
            var score = Score(role, partition, node);
            if (best is null || score > bestScore || (score == bestScore && string.CompareOrdinal(node, best) < 0))
            {
                best = node;
                bestScore = score;
            }
        }

        return best;
    }

    private static ulong Score(string role, int partition, string node)
    {
        // FNV-1a over the text, then the finalizer of splitmix64, since FNV alone mixes the last characters badly into the high bits.
        var hash = 14695981039346656037UL;
        foreach (var c in role) hash = (hash ^ c) * 1099511628211UL;
        hash = (hash ^ (ulong)partition ^ 0x10000UL) * 1099511628211UL;
        foreach (var c in node) hash = (hash ^ c) * 1099511628211UL;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9UL;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBUL;
        return hash ^ (hash >> 31);
    }
}
