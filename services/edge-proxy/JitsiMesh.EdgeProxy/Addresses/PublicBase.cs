using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.EdgeProxy.Addresses;

/// <summary>
/// The path of PUBLIC_URL below which everything is served (<c>https://host/meet/</c>). The edge strips it, so that a proxy in front can pass paths unchanged; a proxy that
/// strips it itself works too. If PUBLIC_URL has no path, a trusted proxy's X-Forwarded-Prefix is used instead.
/// </summary>
internal sealed class PublicBase(MeshSettings settings)
{
    private readonly PathString _path = settings.PublicUrl is { } url ? PathString.FromUriComponent(new Uri(url)) is { HasValue: true, Value: not "/" } path ? path : PathString.Empty : PathString.Empty;

    /// <summary>The base address of the page of a request, without a trailing slash: PUBLIC_URL, else the requested address.</summary>
    public string Address(HttpRequest request) => settings.PublicUrl ?? $"{request.Scheme}://{request.Host}{request.PathBase}";

    /// <summary>The path part of <see cref="Address"/>, escaped: empty, or with a leading slash and without a trailing one.</summary>
    public string Path(HttpRequest request) => settings.PublicUrl is null ? request.PathBase.ToUriComponent() : _path.ToUriComponent();

    /// <summary>Strips the path from a request that has it.</summary>
    /// <returns>The redirect target when the request lacks the trailing slash that relative URLs of pages need; otherwise null.</returns>
    public string? Strip(HttpRequest request)
    {
        if (!_path.HasValue || !request.Path.StartsWithSegments(_path, StringComparison.Ordinal, out var rest)) return null;
        if (!rest.HasValue) return $"{settings.PublicUrl}/{request.QueryString}";
        request.PathBase = _path;
        request.Path = rest;
        return null;
    }
}
