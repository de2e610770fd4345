using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace JitsiMesh.Auth.Tokens;

/// <summary>A signed token split into its parts (JWS compact serialization, RFC 7515 section 7.1), unverified.</summary>
internal sealed class CompactToken
{
    private CompactToken(JsonElement header, byte[] payload, byte[] signature, byte[] signed)
    {
        Header = header;
        Payload = payload;
        Signature = signature;
        Signed = signed;
    }

    public JsonElement Header { get; }

    /// <summary>As signed: trust it only after the signature is verified.</summary>
    public byte[] Payload { get; }

    public byte[] Signature { get; }

    /// <summary>The signed octets: header and payload as sent.</summary>
    public byte[] Signed { get; }

    /// <summary>Three parts in base64url without padding, of which the first is a JSON object.</summary>
    public static bool TryRead(string token, [NotNullWhen(true)] out CompactToken? read, [NotNullWhen(false)] out TokenRefusal? refusal)
    {
        read = null;
        refusal = TokenRefusal.NoToken;
        var first = token.IndexOf('.', StringComparison.Ordinal);
        var last = token.LastIndexOf('.');
        if (token.Length > TokenLimits.TokenCharacters || first < 0 || last == first || token.AsSpan(first + 1, last - first - 1).Contains('.')) return false;
        refusal = TokenRefusal.BadFormat;
        if (!TryDecode(token.AsSpan(0, first), out var header) || !TokenJson.TryObject(header, TokenLimits.JsonValues, out var json) || !TryDecode(token.AsSpan(first + 1, last - first - 1), out var payload)) return false;
        refusal = TokenRefusal.BadSignature;

        // An empty signature is allowed here: the check of the algorithm, which comes first, decides about it.
        if (!TryDecode(token.AsSpan(last + 1), out var signature)) return false;
        read = new CompactToken(json.Value, payload, signature, Encoding.ASCII.GetBytes(token, 0, last));
        refusal = null;
        return true;
    }

    /// <summary>Accepts only the canonical encoding (RFC 4648 section 3.5), so that each token has one form.</summary>
    internal static bool TryDecode(ReadOnlySpan<char> text, out byte[] octets)
    {
        octets = [];
        if (text.ContainsAny('=', ' ', '\n') || text.ContainsAny('\r', '\t')) return false;
        var buffer = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromChars(text, buffer, out var consumed, out var written) != OperationStatus.Done || consumed != text.Length) return false;
        octets = buffer[..written];
        return Base64Url.EncodeToString(octets).AsSpan().SequenceEqual(text);
    }
}
