namespace JitsiMesh.Auth.Tokens.Keys;

/// <summary>A source of the public keys of tokens.</summary>
internal interface IKeySource
{
    /// <summary>Throws only when cancelled.</summary>
    ValueTask<KeyAnswer> FindAsync(string keyId, CancellationToken cancellation);
}

/// <param name="Key">The key, or null.</param>
/// <param name="IsKnown">Without a key: whether the server answered that the key does not exist. Otherwise it is unknown.</param>
internal readonly record struct KeyAnswer(TokenKey? Key, bool IsKnown)
{
    public static readonly KeyAnswer None = new(null, true);
    public static readonly KeyAnswer Unavailable = new(null, false);
}

/// <summary>Asks several sources in order.</summary>
internal sealed class KeySources(IReadOnlyList<IKeySource> sources) : IKeySource
{
    public async ValueTask<KeyAnswer> FindAsync(string keyId, CancellationToken cancellation)
    {
        var answer = KeyAnswer.None;
        foreach (var source in sources)
        {
            var found = await source.FindAsync(keyId, cancellation);
            if (found.Key is not null) return found;
            if (!found.IsKnown) answer = KeyAnswer.Unavailable;
        }

        return answer;
    }
}
