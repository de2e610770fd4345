using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Links.RabbitMq;

/// <summary>An envelope as the body of a message.</summary>
internal static class EnvelopeCodec
{
    public static ReadOnlyMemory<byte> Encode(StanzaEnvelope envelope) => JsonSerializer.SerializeToUtf8Bytes(envelope);

    public static bool TryDecode(ReadOnlySpan<byte> body, [NotNullWhen(true)] out StanzaEnvelope? envelope)
    {
        try
        {
            envelope = JsonSerializer.Deserialize<StanzaEnvelope>(body);
            return envelope is { Room: not null, Stanza: not null, Sender: not null, Recipients: not null };
        }
        catch (JsonException)
        {
            envelope = null;
            return false;
        }
    }
}
