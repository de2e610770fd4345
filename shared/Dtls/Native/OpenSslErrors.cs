using System.Text;

namespace JitsiMesh.Dtls.Native;

internal static class OpenSslErrors
{
    /// <summary>Returns the text of the first error in this thread's queue and clears the queue.</summary>
    internal static unsafe string Take()
    {
        var code = OpenSsl.ERR_peek_error();
        if (code == 0) return "no error recorded";
        var text = stackalloc byte[256];
        OpenSsl.ERR_error_string_n(code, text, 256);
        OpenSsl.ERR_clear_error();
        var bytes = new ReadOnlySpan<byte>(text, 256);
        var end = bytes.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
