using System.Collections.Concurrent;
using System.IO.Compression;

namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>Compressed text files. Each is compressed once and cached while the file is unchanged.</summary>
internal sealed class CompressedFiles : IDisposable
{
    /// <summary>Below this size the headers cost more than compression saves (nginx' setting in Jitsi's web container).</summary>
    public const int SmallestBytes = 860;

    /// <summary>Larger files are sent uncompressed.</summary>
    public const int LargestBytes = 16 * 1024 * 1024;

    /// <summary>Size of the cache. Beyond it the cache is emptied and files are compressed again on request.</summary>
    public const long CapacityBytes = 128L * 1024 * 1024;

    private static readonly string[] Extensions = [".js", ".mjs", ".css", ".json", ".svg", ".html", ".map", ".txt", ".xml", ".webmanifest", ".wasm"];

    private readonly ConcurrentDictionary<(string Path, string Encoding), Kept> _kept = new();

    /// <summary>Compression is expensive: concurrent requests for a new file wait for the first one's result.</summary>
    private readonly SemaphoreSlim _turn = new(1);
    private long _bytes;

    /// <summary>The best encoding that the client accepts, or null to send the file uncompressed.</summary>
    public static string? Encoding(FileInfo file, string acceptEncoding)
    {
        if (file.Length < SmallestBytes || file.Length > LargestBytes || !Extensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase)) return null;
        var offered = acceptEncoding.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(e => !e.Replace(" ", "", StringComparison.Ordinal).EndsWith(";q=0", StringComparison.Ordinal))
            .Select(e => e.Split(';')[0].TrimEnd());
        return offered.Contains("br", StringComparer.OrdinalIgnoreCase) ? "br" : offered.Contains("gzip", StringComparer.OrdinalIgnoreCase) ? "gzip" : null;
    }

    public async ValueTask<byte[]> GetAsync(FileInfo file, string encoding, CancellationToken cancellation)
    {
        var key = (file.FullName, encoding);
        if (Find(key, file) is { } kept) return kept;
        await _turn.WaitAsync(cancellation);
        try
        {
            return Find(key, file) ?? await KeepAsync(key, file, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private byte[]? Find((string, string) key, FileInfo file) =>
        _kept.TryGetValue(key, out var kept) && kept.Written == file.LastWriteTimeUtc && kept.Length == file.Length ? kept.Bytes : null;

    private async Task<byte[]> KeepAsync((string Path, string Encoding) key, FileInfo file, CancellationToken cancellation)
    {
        var bytes = Compress(await File.ReadAllBytesAsync(file.FullName, cancellation), key.Encoding);
        if (Interlocked.Add(ref _bytes, bytes.Length) > CapacityBytes)
        {
            _kept.Clear();
            Interlocked.Exchange(ref _bytes, bytes.Length);
        }

        _kept[key] = new Kept(file.LastWriteTimeUtc, file.Length, bytes);
        return bytes;
    }

    internal static byte[] Compress(byte[] plain, string encoding)
    {
        using var target = new MemoryStream(plain.Length / 3);
        using (Stream stream = encoding == "br" ? new BrotliStream(target, CompressionLevel.Optimal, leaveOpen: true) : new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(plain);
        }

        return target.ToArray();
    }

    private sealed record Kept(DateTime Written, long Length, byte[] Bytes);
}
