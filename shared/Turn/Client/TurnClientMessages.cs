using System.Buffers.Binary;
using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Credentials;

namespace JitsiMesh.Turn.Client;

/// <summary>A message from a relay.</summary>
/// <param name="Class">Response or indication.</param>
/// <param name="Method">Of <see cref="TurnMethod"/>.</param>
/// <param name="Transaction">The transaction id of the request that it answers.</param>
/// <param name="Error">The error code; 0 for none.</param>
/// <param name="Relayed">XOR-RELAYED-ADDRESS.</param>
/// <param name="Peer">XOR-PEER-ADDRESS of a Data indication.</param>
/// <param name="Lifetime">LIFETIME in seconds.</param>
/// <param name="Data">DATA; empty for none.</param>
public sealed record TurnReply(StunClass Class, StunMethod Method, StunTransactionId Transaction, int Error, TransportAddress? Relayed, TransportAddress? Peer, uint? Lifetime, byte[] Data);

/// <summary>Writes a client's requests and parses the answers for one allocation: for diagnostics and tests, which do their own waiting. Without retransmission.</summary>
public sealed class TurnClientMessages(string username, string password, IRandomSource random)
{
    private const int Room = 512;
    private readonly byte[] _username = Encoding.UTF8.GetBytes(username);
    private readonly byte[] _password = Encoding.UTF8.GetBytes(password);
    private byte[] _realm = [];
    private byte[] _nonce = [];

    /// <summary>Whether the relay has sent realm and nonce.</summary>
    public bool IsChallenged => _nonce.Length > 0;

    /// <summary>The id of the last request written.</summary>
    public StunTransactionId Last { get; private set; }

    public byte[] Allocate(bool isIPv6 = false)
    {
        var writer = Begin(TurnMethod.Allocate);
        writer.AddBytes(TurnAttribute.RequestedTransport, [17, 0, 0, 0]);
        if (isIPv6) writer.AddBytes(TurnAttribute.RequestedAddressFamily, [2, 0, 0, 0]);
        return End(ref writer);
    }

    public byte[] Refresh(uint lifetime)
    {
        var writer = Begin(TurnMethod.Refresh);
        writer.AddNumber(TurnAttribute.Lifetime, lifetime);
        return End(ref writer);
    }

    public byte[] CreatePermission(params ReadOnlySpan<TransportAddress> peers)
    {
        var writer = Begin(TurnMethod.CreatePermission);
        foreach (var peer in peers) writer.AddXorAddress(TurnAttribute.XorPeerAddress, peer);
        return End(ref writer);
    }

    public byte[] BindChannel(ushort number, TransportAddress peer)
    {
        var writer = Begin(TurnMethod.ChannelBind);
        writer.AddNumber(TurnAttribute.ChannelNumber, (uint)number << 16);
        writer.AddXorAddress(TurnAttribute.XorPeerAddress, peer);
        return End(ref writer);
    }

    /// <summary>A request with attributes of the caller's choice.</summary>
    public byte[] Request(StunMethod method, params ReadOnlySpan<(StunAttribute Type, byte[] Value)> attributes)
    {
        var writer = Begin(method);
        foreach (var (type, value) in attributes) writer.AddBytes(type, value);
        return End(ref writer);
    }

    /// <summary>A Send indication, which has no credentials.</summary>
    public byte[] Send(TransportAddress peer, ReadOnlySpan<byte> data)
    {
        var writer = new StunWriter(new byte[Room + data.Length], StunClass.Indication, TurnMethod.Send, StunTransactionId.Create(random));
        writer.AddXorAddress(TurnAttribute.XorPeerAddress, peer);
        writer.AddBytes(TurnAttribute.Data, data);
        return writer.Written.ToArray();
    }

    /// <summary>ChannelData, padded as streams require and datagrams allow.</summary>
    public static byte[] Channel(ushort number, ReadOnlySpan<byte> data)
    {
        var packet = new byte[ChannelData.HeaderSize + ((data.Length + 3) & ~3)];
        ChannelData.WriteHeader(packet, number, data.Length);
        data.CopyTo(packet.AsSpan(ChannelData.HeaderSize));
        return packet;
    }

    /// <summary>Parses a message, and stores realm and nonce of a 401 or 438, after which the request must be repeated. Null for an invalid message, or one without the integrity that its kind requires.</summary>
    public TurnReply? Read(ReadOnlySpan<byte> packet)
    {
        if (!StunMessage.TryParse(packet, out var message) || message.Class == StunClass.Request) return null;
        message.TryGetErrorCode(out var error);
        if (error is TurnErrorCode.Unauthenticated or TurnErrorCode.StaleNonce && message.TryGetAttribute(StunAttribute.Realm, out var realm) && message.TryGetAttribute(StunAttribute.Nonce, out var nonce))
        {
            _realm = realm.ToArray();
            _nonce = nonce.ToArray();
        }
        else if (message.Class == StunClass.SuccessResponse && message.Method != StunMethod.Binding && !message.VerifyMessageIntegrity(Key()))
        {
            return null;
        }

        TransportAddress? relayed = message.TryGetAttribute(TurnAttribute.XorRelayedAddress, out var value) && message.TryReadXorAddress(value, out var address) ? address : null;
        TransportAddress? peer = message.TryGetAttribute(TurnAttribute.XorPeerAddress, out value) && message.TryReadXorAddress(value, out address) ? address : null;
        uint? lifetime = message.TryGetAttribute(TurnAttribute.Lifetime, out value) && value.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(value) : null;
        message.TryGetAttribute(TurnAttribute.Data, out var data);
        return new TurnReply(message.Class, message.Method, message.TransactionId, error, relayed, peer, lifetime, data.ToArray());
    }

    private byte[] Key()
    {
        var key = new byte[RestCredentials.KeySize];
        RestCredentials.LongTermKey(_username, _realm, _password, key);
        return key;
    }

    private StunWriter Begin(StunMethod method) => new(new byte[Room], StunClass.Request, method, Last = StunTransactionId.Create(random));

    private byte[] End(ref StunWriter writer)
    {
        if (IsChallenged)
        {
            writer.AddBytes(StunAttribute.Username, _username);
            writer.AddBytes(StunAttribute.Realm, _realm);
            writer.AddBytes(StunAttribute.Nonce, _nonce);
            writer.AddMessageIntegrity(Key());
        }

        return writer.Written.ToArray();
    }
}
