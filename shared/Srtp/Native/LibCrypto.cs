using System.Reflection;
using System.Runtime.InteropServices;

namespace JitsiMesh.Srtp.Native;

/// <summary>
/// The calls into libcrypto (OpenSSL 3). Those on the packet path keep the thread in cooperative mode: each takes less than a microsecond on packets
/// of up to <see cref="SrtpLimits.MaxPacketLength"/> bytes, does not block and does not call back.
/// </summary>
internal static unsafe partial class LibCrypto
{
    private const string Library = "libcrypto";

    internal const int AeadGetTag = 0x10;
    internal const int AeadSetTag = 0x11;

    static LibCrypto() => NativeLibrary.SetDllImportResolver(typeof(LibCrypto).Assembly, Resolve);

    [LibraryImport(Library)] internal static partial nint EVP_CIPHER_CTX_new();

    [LibraryImport(Library)] internal static partial void EVP_CIPHER_CTX_free(nint context);

    [LibraryImport(Library)] internal static partial nint EVP_aes_128_gcm();

    [LibraryImport(Library)] internal static partial nint EVP_aes_128_ctr();

    [LibraryImport(Library)] internal static partial int EVP_CipherInit_ex(nint context, nint cipher, nint engine, byte* key, byte* iv, int encrypt);

    [LibraryImport(Library, EntryPoint = "EVP_CipherInit_ex")]
    [SuppressGCTransition]
    internal static partial int SetIv(nint context, nint cipher, nint engine, byte* key, byte* iv, int encrypt);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int EVP_EncryptUpdate(nint context, byte* output, int* outputLength, byte* input, int inputLength);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int EVP_DecryptUpdate(nint context, byte* output, int* outputLength, byte* input, int inputLength);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int EVP_EncryptFinal_ex(nint context, byte* output, int* outputLength);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int EVP_DecryptFinal_ex(nint context, byte* output, int* outputLength);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int EVP_CIPHER_CTX_ctrl(nint context, int command, int argument, byte* pointer);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int SHA1_Init(Sha1Context* context);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int SHA1_Update(Sha1Context* context, byte* data, nuint length);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int SHA1_Final(byte* digest, Sha1Context* context);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return 0;
        foreach (var candidate in Candidates())
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle)) return handle;
        }

        throw new DllNotFoundException("OpenSSL 3 is needed for SRTP and its libcrypto was not found: install the distribution's libssl3 package.");
    }

    private static IEnumerable<string> Candidates()
    {
        if (OperatingSystem.IsWindows()) return [RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "libcrypto-3-arm64.dll" : "libcrypto-3-x64.dll"];
        if (OperatingSystem.IsMacOS()) return ["libcrypto.3.dylib", "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib", "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib"];
        return ["libcrypto.so.3"];
    }
}
