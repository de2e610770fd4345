using System.Text.Json;
using Google.Protobuf;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Auth.Admission;

/// <summary>The three answers to a step of a SASL exchange.</summary>
internal static class AdmissionAnswers
{
    /// <summary>Let in without a name: signalling chooses one that nobody has.</summary>
    public static AdmitResponse Guest => new() { Admitted = new Admitted() };

    /// <param name="username">The local part of the JID; empty for one of signalling's choice.</param>
    /// <param name="context">What is vouched for.</param>
    /// <param name="message">Additional data with success.</param>
    public static AdmitResponse Admit(string username, SessionContext context, ReadOnlySpan<byte> message = default) =>
        new() { Admitted = new Admitted { Username = username, Context = JsonSerializer.Serialize(context), Message = ByteString.CopyFrom(message) } };

    public static AdmitResponse Challenge(ReadOnlySpan<byte> message, ReadOnlySpan<byte> state) =>
        new() { Challenge = new Challenge { Message = ByteString.CopyFrom(message), State = ByteString.CopyFrom(state) } };

    /// <param name="condition">A SASL condition (RFC 6120 section 6.5).</param>
    /// <param name="text">For people; may be empty.</param>
    /// <param name="reason">For counters: a short name of the check that failed, one of few.</param>
    public static AdmitResponse Refuse(string condition, string text, string reason) =>
        new() { Refused = new Refused { Condition = condition, Text = text, Reason = reason } };
}
