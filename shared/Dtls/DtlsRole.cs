namespace JitsiMesh.Dtls;

/// <summary>The side that sends the ClientHello is the client, whose SDP or Jingle has <c>setup="active"</c> (RFC 5763 section 5).</summary>
public enum DtlsRole
{
    Client,
    Server,
}
