using System.Runtime.InteropServices;

namespace JitsiMesh.Dtls.Native;

/// <summary>An SSL_CTX: certificate, key, versions and suites. Its connections hold their own references, so it may be released first.</summary>
internal sealed class SslContextHandle : SafeHandle
{
    internal SslContextHandle(nint context)
        : base(0, ownsHandle: true) => SetHandle(context);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        OpenSsl.SSL_CTX_free(handle);
        return true;
    }
}
