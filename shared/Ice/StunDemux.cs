using System.Buffers.Binary;
using JitsiMesh.Ice.Stun;

namespace JitsiMesh.Ice;

/// <summary>Routes STUN datagrams of a shared socket to their agents, without allocation.</summary>
public static class StunDemux
{
    private const int TransactionOffset = 8;

    /// <summary>First byte 0 to 3 (RFC 7983) and the magic cookie.</summary>
    public static bool IsStun(ReadOnlySpan<byte> datagram) => datagram.Length >= StunMessage.HeaderSize
        && datagram[0] <= 3
        && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == StunMessage.MagicCookie;

    /// <summary>The transaction id of a STUN datagram, which matches a response to its request.</summary>
    public static bool TryGetTransaction(ReadOnlySpan<byte> datagram, out StunTransactionId id)
    {
        id = default;
        if (!IsStun(datagram)) return false;
        id = StunTransactionId.Read(datagram[TransactionOffset..]);
        return true;
    }

    /// <summary>
    /// The receiver's ufrag of a Binding request: USERNAME up to the colon (RFC 8445 section 7.2.2), unverified. Look it up for
    /// every request, also from a known address: two agents of one client may share its address over an ICE restart.
    /// </summary>
    public static bool TryGetLocalUfrag(ReadOnlySpan<byte> bindingRequest, out ReadOnlySpan<byte> ufragUtf8)
    {
        ufragUtf8 = default;
        if (!IsStun(bindingRequest) || !StunMessage.TryParse(bindingRequest, out var message)) return false;
        if (message.Class != StunClass.Request || message.Method != StunMethod.Binding || !message.TryGetUsername(out var username)) return false;
        var colon = username.IndexOf((byte)':');
        if (colon <= 0) return false;
        ufragUtf8 = username[..colon];
        return true;
    }
}
