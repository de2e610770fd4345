using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests.Stun;

public class StunMessageTests
{
    private static readonly StunTransactionId Id = new(0x01020304, 0x05060708090A0B0C);

    [Theory]
    [InlineData(0, StunParseError.TooShort)]
    [InlineData(19, StunParseError.TooShort)]
    [InlineData(1501, StunParseError.TooLong)]
    public void TryParse_WrongSize_SaysWhy(int size, StunParseError expected)
    {
        Assert.False(StunMessage.TryParse(new byte[size], out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void TryParse_LeadingBitsSet_IsNotStun()
    {
        var bytes = (byte[])Rfc5769Vectors.Request.Clone();
        bytes[0] |= 0x80;
        Assert.False(StunMessage.TryParse(bytes, out _, out var error));
        Assert.Equal(StunParseError.NotStun, error);
    }

    [Fact]
    public void TryParse_OtherCookie_IsRefused()
    {
        var bytes = (byte[])Rfc5769Vectors.Request.Clone();
        bytes[4] ^= 1;
        Assert.False(StunMessage.TryParse(bytes, out _, out var error));
        Assert.Equal(StunParseError.NoMagicCookie, error);
    }

    [Theory]
    [InlineData(0x54)]
    [InlineData(0x5C)]
    [InlineData(0x59)]
    public void TryParse_LengthNotThatOfTheDatagram_IsRefused(byte length)
    {
        var bytes = (byte[])Rfc5769Vectors.Request.Clone();
        bytes[3] = length;
        Assert.False(StunMessage.TryParse(bytes, out _, out var error));
        Assert.Equal(StunParseError.BadLength, error);
    }

    [Fact]
    public void TryParse_AttributePastTheEnd_IsRefused()
    {
        var bytes = (byte[])Rfc5769Vectors.Request.Clone();
        bytes[22] = 0x10;
        Assert.False(StunMessage.TryParse(bytes, out _, out var error));
        Assert.Equal(StunParseError.AttributeOverrun, error);
    }

    [Fact]
    public void TryParse_AttributeAfterFingerprint_IsRefused()
    {
        var writer = new StunWriter(new byte[200], StunClass.Request, StunMethod.Binding, Id);
        writer.AddFingerprint();
        writer.AddPriority(1);
        Assert.False(StunMessage.TryParse(writer.Written, out _, out var error));
        Assert.Equal(StunParseError.BadTrailer, error);
    }

    [Fact]
    public void TryGetAttribute_AfterMessageIntegrity_IsIgnored()
    {
        var writer = new StunWriter(new byte[200], StunClass.Request, StunMethod.Binding, Id);
        writer.AddPriority(7);
        writer.AddMessageIntegrity("key"u8);
        writer.AddUseCandidate();
        writer.AddFingerprint();
        Assert.True(StunMessage.TryParse(writer.Written, out var message));
        Assert.True(message.VerifyMessageIntegrity("key"u8));
        Assert.True(message.TryGetPriority(out _));
        Assert.False(message.HasAttribute(StunAttribute.UseCandidate));
    }

    [Fact]
    public void TryGetErrorCode_OfEachCodeWeUse_IsThatCode()
    {
        foreach (var code in new[] { 400, 401, 420, 487, 500, 699 })
        {
            var writer = new StunWriter(new byte[200], StunClass.ErrorResponse, StunMethod.Binding, Id);
            writer.AddErrorCode(code, "Reason");
            Assert.True(StunMessage.TryParse(writer.Written, out var message));
            Assert.True(message.TryGetErrorCode(out var read));
            Assert.Equal(code, read);
        }
    }

    [Fact]
    public void GetUnknownRequired_OptionalAndRequired_ListsTheRequiredOnce()
    {
        var writer = new StunWriter(new byte[200], StunClass.Request, StunMethod.Binding, Id);
        writer.AddBytes((StunAttribute)0x7F00, [1]);
        writer.AddBytes((StunAttribute)0xC057, [0, 1]);
        writer.AddBytes((StunAttribute)0x7F00, []);
        writer.AddBytes((StunAttribute)0x001C, []);
        Assert.True(StunMessage.TryParse(writer.Written, out var message));
        var unknown = new ushort[8];
        Assert.Equal(2, message.GetUnknownRequired(unknown));
        Assert.Equal([0x7F00, 0x001C], unknown[..2]);
    }

    [Fact]
    public void TryGetLocalUfrag_OfTheSampleRequest_IsThePartBeforeTheColon()
    {
        Assert.True(StunDemux.TryGetLocalUfrag(Rfc5769Vectors.Request, out var ufrag));
        Assert.Equal("evtj"u8.ToArray(), ufrag.ToArray());
        Assert.False(StunDemux.TryGetLocalUfrag(Rfc5769Vectors.IPv4Response, out _));
        Assert.False(StunDemux.TryGetLocalUfrag(Rfc5769Vectors.LongTermRequest, out _));
    }

    [Property]
    public void ParseOfFormat_IsIdentity(uint high, ulong low, uint priority, ulong tieBreaker, ulong addressHigh, ulong addressLow, ushort port)
    {
        var address = new TransportAddress(addressHigh, addressLow, port);
        var id = new StunTransactionId(high, low);
        foreach (var kind in Enum.GetValues<StunClass>())
        {
            var writer = new StunWriter(new byte[200], kind, StunMethod.Binding, id);
            writer.AddPriority(priority);
            writer.AddTieBreaker(StunAttribute.IceControlling, tieBreaker);
            writer.AddXorMappedAddress(address);
            writer.AddMessageIntegrity("k"u8);
            writer.AddFingerprint();
            Assert.True(StunMessage.TryParse(writer.Written, out var message));
            Assert.Equal(kind, message.Class);
            Assert.Equal(StunMethod.Binding, message.Method);
            Assert.Equal(id, message.TransactionId);
            Assert.True(message.TryGetPriority(out var readPriority) && readPriority == priority);
            Assert.True(message.TryGetTieBreaker(StunAttribute.IceControlling, out var readTie) && readTie == tieBreaker);
            Assert.True(message.TryGetXorMappedAddress(out var readAddress) && readAddress == address);
            Assert.True(message.VerifyMessageIntegrity("k"u8) && message.VerifyFingerprint());
        }
    }

    [Property]
    public bool AnyFlippedBitOfTheCoveredPart_BreaksIntegrityOrStructure(int seed)
    {
        var bytes = (byte[])Rfc5769Vectors.Request.Clone();
        var bit = (int)((uint)seed % (uint)((bytes.Length - 32) * 8));
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return !StunMessage.TryParse(bytes, out var message)
            || (!message.VerifyMessageIntegrity(Rfc5769Vectors.PasswordBytes) && !(message.HasFingerprint && message.VerifyFingerprint()));
    }

    [Property]
    public Property AnyMethodNumber_SurvivesTheScatteredBits() => Prop.ForAll(Gen.Choose(0, 0xFFF).ToArbitrary(), method =>
    {
        var writer = new StunWriter(new byte[20], StunClass.ErrorResponse, (StunMethod)method, Id);
        return StunMessage.TryParse(writer.Written, out var message)
            && message.Method == (StunMethod)method && message.Class == StunClass.ErrorResponse;
    });
}
