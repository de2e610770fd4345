using System.Net;
using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Auth.Tokens.Keys;
using JitsiMesh.Hosting.Connections;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Auth.Oidc.Logins;

/// <summary>The client of an OpenID login, to which the rate limits apply.</summary>
internal static class OidcClient
{
    /// <summary>
    /// The client's address. A peer on this machine, in a private network or in MESH_TRUSTED_PROXIES is taken for the edge: the last entry of its X-Forwarded-For
    /// names the client. The header of any other peer is ignored.
    /// </summary>
    /// <returns>Null when the address is a trusted proxy's own: the proxy does not name its client, and many users may be behind it.</returns>
    public static OidcOrigin? Of(HttpContext context, IReadOnlyList<IPNetwork> proxies)
    {
        if (context.Connection.RemoteIpAddress is not { } peer) return null;
        var address = peer;
        if (!PublicAddresses.IsPublic(peer) || IsProxy(peer, proxies))
        {
            var forwarded = context.Request.Headers["X-Forwarded-For"].ToString();
            if (IPAddress.TryParse(forwarded[(forwarded.LastIndexOf(',') + 1)..].Trim(), out var client)) address = client;
        }

        if (IsProxy(address, proxies)) return null;
        return new OidcOrigin(TagOf(ClientNetwork.Of(address)), TagOf(ClientNetwork.WideOf(address)));
    }

    private static string TagOf(IPAddress address) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address.ToString())).AsSpan(0, 16));

    private static bool IsProxy(IPAddress address, IReadOnlyList<IPNetwork> proxies)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return proxies.Any(network => network.Contains(plain));
    }
}

/// <summary>A client's address and network, as hashes.</summary>
/// <param name="Address">Its address (IPv6: its /64).</param>
/// <param name="Network">The network around it (IPv6: its /48; IPv4: its /24), all of whose addresses one user may have.</param>
internal sealed record OidcOrigin(string Address, string Network);
