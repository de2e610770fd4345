using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

public enum TicketCheck
{
    Valid,

    /// <summary>Not one of ours, or too old: the client forgets it and asks again.</summary>
    Invalid,
    OtherMachine,
}

/// <summary>
/// The session ids with which a guest shows that it logged in over a second connection. They carry who it is under a signature, so that any
/// node knows them and none keeps them; a logout is the client forgetting its own.
/// </summary>
public sealed class SessionTickets(byte[] key, TimeSpan lifetime)
{
    private const int MaxLength = 2_048;

    public string Issue(string identity, string machine, MonotonicTime now)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(new TicketContent(identity, Hash(machine), (now + lifetime).TotalMilliseconds), TicketJson.Default.TicketContent);
        return $"{Base64Url.EncodeToString(content)}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, content))}";
    }

    public TicketCheck Check(string ticket, string? machine, MonotonicTime now, out string identity)
    {
        identity = "";
        var dot = ticket.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || ticket.Length > MaxLength || !Base64Url.IsValid(ticket.AsSpan(0, dot)) || !Base64Url.IsValid(ticket.AsSpan(dot + 1))) return TicketCheck.Invalid;
        var content = Base64Url.DecodeFromChars(ticket.AsSpan(0, dot));
        if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, content), Base64Url.DecodeFromChars(ticket.AsSpan(dot + 1)))) return TicketCheck.Invalid;
        if (JsonSerializer.Deserialize(content, TicketJson.Default.TicketContent) is not { } read || now.TotalMilliseconds >= read.Until) return TicketCheck.Invalid;
        if (machine is null || Hash(machine) != read.Machine) return TicketCheck.OtherMachine;
        identity = read.Identity;
        return TicketCheck.Valid;
    }

    private static string Hash(string machine) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(machine)).AsSpan(0, 12));
}

/// <param name="Identity">The bare JID that logged in.</param>
/// <param name="Machine">A hash of the client's machine id.</param>
/// <param name="Until">Milliseconds on the focus's clock.</param>
internal sealed record TicketContent(string Identity, string Machine, long Until);

[JsonSerializable(typeof(TicketContent))]
internal sealed partial class TicketJson : JsonSerializerContext;
