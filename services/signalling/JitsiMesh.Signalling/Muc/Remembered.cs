using System.Diagnostics.CodeAnalysis;
using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Something for each of many keys, of which no more than so many are remembered: the key that was not used for the longest time is forgotten, and begins anew.</summary>
/// <param name="capacity">How many.</param>
/// <param name="idle">A key that was not used for this time is forgotten in any case.</param>
/// <param name="create">Makes what a new key gets.</param>
public sealed class Remembered<T>(int capacity, TimeSpan idle, Func<T> create)
    where T : class
{
    private readonly Dictionary<string, LinkedListNode<(string Key, T Value, MonotonicTime Last)>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, T Value, MonotonicTime Last)> _byAge = new();

    public int Count => _byKey.Count;

    public T Of(string key, MonotonicTime now)
    {
        if (_byKey.TryGetValue(key, out var node))
        {
            _byAge.Remove(node);
            node.Value = node.Value with { Last = now };
        }
        else
        {
            while (_byAge.First is { } oldest && (_byKey.Count >= capacity || now - oldest.Value.Last >= idle)) Forget(oldest);
            node = new LinkedListNode<(string, T, MonotonicTime)>((key, create(), now));
            _byKey.Add(key, node);
        }

        _byAge.AddLast(node);
        return node.Value.Value;
    }

    public bool TryGet(string key, [NotNullWhen(true)] out T? value)
    {
        value = _byKey.TryGetValue(key, out var node) ? node.Value.Value : null;
        return value is not null;
    }

    private void Forget(LinkedListNode<(string Key, T Value, MonotonicTime Last)> node)
    {
        _byAge.Remove(node);
        _byKey.Remove(node.Value.Key);
    }
}
