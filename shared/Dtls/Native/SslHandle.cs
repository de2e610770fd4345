using System.Runtime.InteropServices;

namespace JitsiMesh.Dtls.Native;

/// <summary>One SSL and, through it, its two memory BIOs.</summary>
internal sealed class SslHandle : SafeHandle
{
    internal SslHandle(nint ssl)
        : base(0, ownsHandle: true) => SetHandle(ssl);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        OpenSsl.SSL_free(handle);
        return true;
    }
}
