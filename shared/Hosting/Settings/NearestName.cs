namespace JitsiMesh.Hosting.Settings;

/// <summary>The known name that a mistyped one most likely means (edit distance with swaps).</summary>
internal static class NearestName
{
    /// <summary>A third of the letters may differ: more than that and the suggestion is a guess.</summary>
    public static string? Find(string name, IEnumerable<string> known) => Find(name, known, Math.Max(2, name.Length / 3));

    /// <param name="name">The given name.</param>
    /// <param name="known">The possible names.</param>
    /// <param name="limit">The greatest distance.</param>
    public static string? Find(string name, IEnumerable<string> known, int limit)
    {
        string? best = null;
        foreach (var candidate in known)
        {
            if (Math.Abs(candidate.Length - name.Length) > limit) continue;
            var distance = Distance(name, candidate);
            if (distance > limit || (best is not null && distance == limit && string.CompareOrdinal(candidate, best) > 0)) continue;
            if (best is null || distance < limit)
            {
                best = candidate;
                limit = distance;
            }
        }

        return best;
    }

    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                var value = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) value = Math.Min(value, rows[i - 2, j - 2] + 1);
                rows[i, j] = value;
            }
        }

        return rows[a.Length, b.Length];
    }
}
