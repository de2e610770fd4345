using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>Authenticates requests and answers them, with the local credentials (RFC 8445 section 7.3, RFC 8489 sections 6.3 and 9.1.3).</summary>
internal sealed class CheckResponder(string ufrag, string password, AgentOutput output)
{
    private readonly byte[] _ufrag = Encoding.UTF8.GetBytes(ufrag);
    private readonly byte[] _password = Encoding.UTF8.GetBytes(password);

    public bool IsUfrag(ReadOnlySpan<byte> ufragUtf8) => ufragUtf8.SequenceEqual(_ufrag);

    /// <summary>Answers a request that fails authentication or has unknown required attributes.</summary>
    /// <returns>The reason of the refusal; null if the request is valid, and then it has no answer yet.</returns>
    public IceInput? Refuse(in StunMessage message, TransportAddress local, TransportAddress remote)
    {
        // 1. Authentication (RFC 8489 section 9.1.3).
        if (!message.HasMessageIntegrity || !message.TryGetUsername(out var username))
        {
            SendError(message.TransactionId, StunErrorCode.BadRequest, "Bad Request", authentic: false, local, remote);
            return IceInput.MissingCredentials;
        }

        if (!IsForUs(username) || !message.VerifyMessageIntegrity(_password))
        {
            SendError(message.TransactionId, StunErrorCode.Unauthenticated, "Unauthenticated", authentic: false, local, remote);
            return IceInput.BadCredentials;
        }

        // 2. Unknown comprehension-required attributes (section 6.3.1).
        Span<ushort> unknown = stackalloc ushort[StunLimits.MaxUnknownAttributes];
        unknown = unknown[..message.GetUnknownRequired(unknown)];
        if (unknown.IsEmpty) return null;
        SendError(message.TransactionId, StunErrorCode.UnknownAttribute, "Unknown Attribute", authentic: true, local, remote, unknown);
        return IceInput.UnknownAttribute;
    }

    public void RefuseRole(StunTransactionId id, TransportAddress local, TransportAddress remote) =>
        SendError(id, StunErrorCode.RoleConflict, "Role Conflict", authentic: true, local, remote);

    public void Accept(StunTransactionId id, TransportAddress local, TransportAddress remote)
    {
        var writer = new StunWriter(stackalloc byte[StunLimits.MaxBuiltSize], StunClass.SuccessResponse, StunMethod.Binding, id);
        writer.AddXorMappedAddress(remote);
        writer.AddMessageIntegrity(_password);
        writer.AddFingerprint();
        output.Transmit(local, remote, writer.Written.ToArray());
    }

    /// <summary>Browsers send keep-alive indications without credentials; an indication with credentials must have the local ones.</summary>
    public IceInput Judge(in StunMessage indication) =>
        indication.HasMessageIntegrity && !indication.VerifyMessageIntegrity(_password) ? IceInput.BadCredentials : IceInput.IndicationAccepted;

    private bool IsForUs(ReadOnlySpan<byte> username)
    {
        var colon = username.IndexOf((byte)':');
        return colon > 0 && IsUfrag(username[..colon]);
    }

    private void SendError(
        StunTransactionId id, int code, string reason, bool authentic, TransportAddress local, TransportAddress remote, ReadOnlySpan<ushort> unknown = default)
    {
        var writer = new StunWriter(stackalloc byte[StunLimits.MaxBuiltSize], StunClass.ErrorResponse, StunMethod.Binding, id);
        writer.AddErrorCode(code, reason);
        if (!unknown.IsEmpty) writer.AddUnknownAttributes(unknown);
        if (authentic) writer.AddMessageIntegrity(_password);
        writer.AddFingerprint();
        output.Transmit(local, remote, writer.Written.ToArray());
    }
}
