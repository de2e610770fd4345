using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Links.RabbitMq;

/// <summary>An envelope as the body of a message.</summary>
internal static class EnvelopeCodec
{
    public static ReadOnlyMemory<byte> Encode(StanzaEnvelope envelope) => JsonSerializer.SerializeToUtf8Bytes(envelope);

    /// <summary>False for everything that no link of ours has sent: no JSON, other types, what must be there missing, an element that is null, too long.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> body, [NotNullWhen(true)] out StanzaEnvelope? envelope)
    {
        envelope = null;
        if (body.Length > LinkLimits.MessageOctets) return false;
        try
        {
            envelope = JsonSerializer.Deserialize<StanzaEnvelope>(body);
            return envelope is { Room: not null, Stanza.Length: <= LinkLimits.StanzaCharacters, Sender: not null, Sequence: >= 0, Epoch: >= 0, Recipients: not null, ReplyQueue: not null, AskerQueue: not null }
                && envelope.Recipients.All(recipient => recipient is not null)
                && envelope.Origin is null or { RealJid: not null, Role: not null, Affiliation: not null };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            envelope = null;
            return false;
        }
    }
}
