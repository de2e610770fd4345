namespace JitsiMesh.Tidy.Tests;

/// <summary>A limit that not everything keeps yet: what is over it is listed with its measure, and the list only gets shorter and smaller.</summary>
internal static class Allowances
{
    /// <summary>So far below its entry a measure may be before the entry must follow it: a change of some lines elsewhere does not touch the list.</summary>
    public const int Slack = 25;

    /// <returns>What is wrong: over the limit and not listed, grown beyond its entry, or an entry that is too high or no longer needed.</returns>
    public static IReadOnlyList<string> Violations(IReadOnlyDictionary<string, int> measured, int limit, IReadOnlyDictionary<string, int> listed)
    {
        var over = measured.Where(m => m.Value > limit);
        return
        [
            .. over.Where(m => !listed.ContainsKey(m.Key)).Select(m => $"{m.Key}: {m.Value} lines, {limit} are allowed"),
            .. over.Where(m => listed.TryGetValue(m.Key, out var entry) && m.Value > entry).Select(m => $"{m.Key}: {m.Value} lines, it had {listed[m.Key]} and may only shrink"),
            .. over.Where(m => listed.TryGetValue(m.Key, out var entry) && m.Value < entry - Slack).Select(m => $"{m.Key}: {m.Value} lines, lower its entry of {listed[m.Key]}"),
            .. listed.Where(l => !over.Any(m => m.Key == l.Key)).Select(l => $"{l.Key}: keeps the limit of {limit} or is gone, remove its entry"),
        ];
    }

    /// <returns>What is there and not listed, and what is listed and no longer there.</returns>
    public static IReadOnlyList<string> Violations(IReadOnlyCollection<string> found, IReadOnlyCollection<string> listed) =>
        [.. found.Except(listed, StringComparer.Ordinal).Select(name => $"{name}: new"), .. listed.Except(found, StringComparer.Ordinal).Select(name => $"{name}: gone, remove its entry")];
}
