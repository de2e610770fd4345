using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Turn.Server;

/// <summary>An answer to a request with valid credentials, with MESSAGE-INTEGRITY.</summary>
internal readonly ref struct Reply(StunMessage request, Span<byte> buffer, ReadOnlySpan<byte> key)
{
    private readonly StunMessage _request = request;
    private readonly Span<byte> _buffer = buffer;
    private readonly ReadOnlySpan<byte> _key = key;

    public int Allocated(TurnAllocation allocation, MonotonicTime now)
    {
        var writer = Begin(StunClass.SuccessResponse);
        writer.AddXorAddress(TurnAttribute.XorRelayedAddress, allocation.Relay.Address);
        writer.AddXorMappedAddress(allocation.Client.Client);
        writer.AddNumber(TurnAttribute.Lifetime, (uint)(allocation.ExpiresAt - now).TotalSeconds);
        return End(ref writer);
    }

    public int Refreshed(TimeSpan lifetime)
    {
        var writer = Begin(StunClass.SuccessResponse);
        writer.AddNumber(TurnAttribute.Lifetime, (uint)lifetime.TotalSeconds);
        return End(ref writer);
    }

    public int Done()
    {
        var writer = Begin(StunClass.SuccessResponse);
        return End(ref writer);
    }

    public int Refused(int code)
    {
        var writer = Begin(StunClass.ErrorResponse);
        writer.AddErrorCode(code, "");
        return End(ref writer);
    }

    public int Unknown(ReadOnlySpan<ushort> types)
    {
        var writer = Begin(StunClass.ErrorResponse);
        writer.AddErrorCode(TurnErrorCode.UnknownAttribute, "");
        writer.AddUnknownAttributes(types);
        return End(ref writer);
    }

    private StunWriter Begin(StunClass messageClass) => new(_buffer, messageClass, _request.Method, _request.TransactionId);

    private int End(ref StunWriter writer)
    {
        writer.AddMessageIntegrity(_key);
        if (_request.HasFingerprint) writer.AddFingerprint();
        return writer.Length;
    }
}
