namespace JitsiMesh.Hosting.Connections;

/// <summary>Bounds of the calls between services, and what happens at each.</summary>
public static class GrpcLimits
{
    /// <summary>
    /// The maximum length of a message in octets, received or sent. A longer one fails the call with RESOURCE_EXHAUSTED before it is read; the largest message of the mesh, a
    /// conference of 500 endpoints with their sources, has about 400 KiB.
    /// </summary>
    public const int MessageOctets = 4 * 1024 * 1024;
}
