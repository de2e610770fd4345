using JitsiMesh.Xmpp;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Signalling.Bosh;

/// <summary>Reads the body of a request in two steps: its start tag, which says whose it is, and then as much as that session may send.</summary>
internal sealed class BoshBodyReader(Stream body)
{
    private byte[] _octets = new byte[512];
    private int _length;
    private bool _complete;

    /// <summary>The start tag; null for what begins with none.</summary>
    /// <exception cref="BadHttpRequestException">The body is too slow, or is not what its headers say.</exception>
    public async ValueTask<BoshTag?> ReadTagAsync(CancellationToken cancellation)
    {
        while (true)
        {
            switch (BoshTag.TryRead(_octets.AsSpan(0, _length), out var tag))
            {
                case BoshTagResult.Complete:
                    return tag;
                case BoshTagResult.Refused:
                    return null;
            }

            if (_complete || _length >= BoshLimits.TagOctets) return null;
            await ReadAsync(BoshLimits.TagOctets, cancellation);
        }
    }

    /// <summary>The whole body; empty where it has more octets than that.</summary>
    /// <exception cref="BadHttpRequestException">As for the tag.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAllAsync(int maximum, CancellationToken cancellation)
    {
        while (!_complete && _length <= maximum) await ReadAsync(maximum + 1, cancellation);
        return _length <= maximum ? _octets.AsMemory(0, _length) : default;
    }

    private async ValueTask ReadAsync(int most, CancellationToken cancellation)
    {
        if (_length == _octets.Length) Array.Resize(ref _octets, Math.Max(_length + 1, Math.Min(most, _length * 2)));
        var read = await body.ReadAsync(_octets.AsMemory(_length), cancellation);
        _length += read;
        _complete = read == 0;
    }
}
