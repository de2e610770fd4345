using System.Text.Json;
using Google.Protobuf;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Auth.Admission;

/// <summary>The answers to a step of a SASL exchange.</summary>
internal static class AdmissionAnswers
{
    /// <summary>Admits a client without a name: signalling generates a unique one.</summary>
    public static AdmitResponse Guest => new() { Admitted = new Admitted() };

    /// <param name="username">The local part of the JID; empty if signalling generates it.</param>
    /// <param name="context">The attributes that auth vouches for.</param>
    /// <param name="message">Additional data with success.</param>
    public static AdmitResponse Admit(string username, SessionContext context, ReadOnlySpan<byte> message = default) =>
        new() { Admitted = new Admitted { Username = username, Context = JsonSerializer.Serialize(context), Message = ByteString.CopyFrom(message) } };

    public static AdmitResponse Challenge(ReadOnlySpan<byte> message, ReadOnlySpan<byte> state) =>
        new() { Challenge = new Challenge { Message = ByteString.CopyFrom(message), State = ByteString.CopyFrom(state) } };

    /// <param name="condition">A SASL condition (RFC 6120 section 6.5).</param>
    /// <param name="text">For users; may be empty.</param>
    /// <param name="reason">For counters: a short name of the failed check, one of a few.</param>
    public static AdmitResponse Refuse(string condition, string text, string reason) =>
        new() { Refused = new Refused { Condition = condition, Text = text, Reason = reason } };
}
