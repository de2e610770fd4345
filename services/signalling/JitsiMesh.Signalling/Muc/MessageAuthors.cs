namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// Who said what, for longer than the history goes. Not stored: after another owner took the room over, the messages before it that are
/// not in the history belong to nobody.
/// </summary>
public sealed class MessageAuthors
{
    private readonly Dictionary<string, string> _authors = new(StringComparer.Ordinal);
    private readonly Queue<string> _ids = new();

    public string? Of(string id) => _authors.GetValueOrDefault(id);

    /// <summary>The first to use an id is its author.</summary>
    public void Note(string id, string authorBareJid)
    {
        if (id.Length > SignallingLimits.MessageIdLength || !_authors.TryAdd(id, authorBareJid)) return;
        _ids.Enqueue(id);
        if (_ids.Count > SignallingLimits.KnownAuthors) _authors.Remove(_ids.Dequeue());
    }

    /// <summary>Notes what another knows, in its order.</summary>
    public void Add(MessageAuthors other)
    {
        foreach (var id in other._ids) Note(id, other._authors[id]);
    }
}
