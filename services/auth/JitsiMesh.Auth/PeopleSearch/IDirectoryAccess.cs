using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>Decides who may search for people.</summary>
internal interface IDirectoryAccess
{
    /// <param name="context">The request; the client's token stands in its Authorization header.</param>
    ValueTask<bool> MaySearchAsync(HttpContext context);
}

/// <summary>Nobody can prove a login to this service by HTTP: nobody may.</summary>
internal sealed class ClosedDirectory : IDirectoryAccess
{
    public ValueTask<bool> MaySearchAsync(HttpContext context) => ValueTask.FromResult(false);
}

/// <summary>MESH_DIRECTORY_OPEN=1: everybody may who reaches the server.</summary>
internal sealed class OpenDirectory : IDirectoryAccess
{
    public ValueTask<bool> MaySearchAsync(HttpContext context) => ValueTask.FromResult(true);
}
