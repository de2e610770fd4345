namespace JitsiMesh.Srtp.Tests;

internal static class Bytes
{
    /// <summary>Bytes from hexadecimal digits; white space is ignored.</summary>
    public static byte[] Hex(string text) => Convert.FromHexString(string.Concat(text.Where(c => !char.IsWhiteSpace(c))));
}
