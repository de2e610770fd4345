using JitsiMesh.Dtls;

namespace JitsiMesh.PeerTransport;

/// <summary>Decides which side sends the ClientHello (RFC 8842 section 5.2, RFC 4145 section 4).</summary>
internal static class DtlsRoleResolution
{
    /// <param name="own">The local setup attribute.</param>
    /// <param name="remote">The remote's setup attribute, or null when it is not known yet.</param>
    /// <returns>Null: it depends on the remote.</returns>
    public static DtlsRole? Resolve(DtlsSetup own, string? remote) => own switch
    {
        DtlsSetup.Active => DtlsRole.Client,
        DtlsSetup.Passive => DtlsRole.Server,
        _ => remote?.Trim().ToUpperInvariant() switch
        {
            null => null,
            "PASSIVE" => DtlsRole.Client,

            // Two that leave it open: the answerer should be active (RFC 8842 section 5.3), and only an answerer has seen the remote's actpass.
            "ACTPASS" => DtlsRole.Client,
            _ => DtlsRole.Server,
        },
    };
}
