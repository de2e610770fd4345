using System.Net;
using JitsiMesh.Hosting.Connections;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>MESH_DIRECTORY_OPEN=1: every client may search. Limits count by the client address from the edge.</summary>
internal sealed class OpenDirectory : IDirectoryAccess
{
    public ValueTask<DirectoryVerdict> JudgeAsync(HttpContext context)
    {
        var told = context.Request.Headers["X-Forwarded-For"].ToString();
        var address = told.Length > 0 ? told[(told.LastIndexOf(',') + 1)..].Trim() : context.Connection.RemoteIpAddress?.ToString() ?? "";
        return ValueTask.FromResult(DirectoryVerdict.Admit("address " + (IPAddress.TryParse(address, out var parsed) ? ClientNetwork.Of(parsed).ToString() : address)));
    }
}
