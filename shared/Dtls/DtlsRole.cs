namespace JitsiMesh.Dtls;

/// <summary>Who sends the ClientHello: the client is the side whose SDP or Jingle says <c>setup="active"</c> (RFC 5763 section 5).</summary>
public enum DtlsRole
{
    Client,
    Server,
}
