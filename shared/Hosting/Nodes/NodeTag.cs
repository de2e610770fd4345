using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Hosting.Nodes;

/// <summary>
/// A node's name in places where only letters and digits may stand, such as a resume id: the edge finds by it the node that keeps a client's session.
/// </summary>
public static class NodeTag
{
    /// <summary>Characters of a tag; two nodes of one mesh with the same one would cost a client its resumption, nothing else.</summary>
    public const int Length = 10;

    private const char Separator = '-';

    public static string Of(string nodeId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(nodeId)))[..Length];

    /// <summary>An id that names its node.</summary>
    public static string Put(string tag, string id) => tag + Separator + id;

    /// <summary>The tag that an id begins with; null when it names no node.</summary>
    public static string? Read(string? id) => id is not null && id.Length > Length && id[Length] == Separator ? id[..Length] : null;
}
