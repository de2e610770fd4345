using JitsiMesh.Contracts.Store;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// The documents of a partition's rooms as the rooms have last written them, whether they are in the store yet or not: what a room goes back to when a
/// stanza made it fail halfway.
/// </summary>
internal sealed class WrittenRooms
{
    private readonly Dictionary<string, Dictionary<string, byte[]>> _documents = new(StringComparer.Ordinal);

    public void Load(string key, StoredDocument document) => _documents[key] = new Dictionary<string, byte[]>(document.Fields.Where(field => Room.IsRoomField(field.Key)), StringComparer.Ordinal);

    public StoredDocument? Of(string key) => _documents.TryGetValue(key, out var fields) ? new StoredDocument(0, fields) : null;

    public void Apply(IReadOnlyDictionary<string, RoomChange> changes)
    {
        foreach (var (key, change) in changes)
        {
            if (change.Deleted) _documents.Remove(key);
            if (change.Fields.Count == 0) continue;
            if (!_documents.TryGetValue(key, out var fields)) _documents[key] = fields = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var (field, value) in change.Fields)
            {
                if (value is null) fields.Remove(field);
                else fields[field] = value;
            }
        }
    }
}
