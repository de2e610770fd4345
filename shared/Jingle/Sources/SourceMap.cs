namespace JitsiMesh.Jingle;

/// <summary>Source sets by their owner, in the order in which owners were added. Owners without sources are omitted.</summary>
public sealed class SourceMap
{
    private readonly OrderedDictionary<string, SourceSet> _sets = [];

    public IEnumerable<KeyValuePair<string, SourceSet>> Entries => _sets;

    public int Count => _sets.Count;

    public bool IsEmpty => _sets.Count == 0;

    public SourceSet this[string owner]
    {
        get => _sets.TryGetValue(owner, out var set) ? set : SourceSet.Empty;
        set
        {
            if (value.IsEmpty) _sets.Remove(owner);
            else _sets[owner] = value;
        }
    }

    /// <summary>The sources that are not in <paramref name="other"/>.</summary>
    public SourceMap Minus(SourceMap other)
    {
        var result = new SourceMap();
        foreach (var (owner, set) in _sets) result[owner] = set.Minus(other[owner]);
        return result;
    }

    public SourceMap Clone()
    {
        var copy = new SourceMap();
        foreach (var (owner, set) in _sets) copy._sets.Add(owner, set);
        return copy;
    }
}
