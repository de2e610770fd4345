using System.Runtime.InteropServices;

namespace JitsiMesh.Srtp.Native;

/// <summary>SHA_CTX of OpenSSL: five words of state, two of length, a block of 64 bytes and a count, 96 bytes; plain data, copied to clone it.</summary>
[StructLayout(LayoutKind.Sequential, Size = 96)]
internal struct Sha1Context
{
    public const int Length = 96;
}
