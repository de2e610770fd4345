using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests.Stun;

public class Rfc5769Tests
{
    [Fact]
    public void Rfc5769_2_1_SampleRequest()
    {
        Assert.True(StunMessage.TryParse(Rfc5769Vectors.Request, out var message));
        Assert.Equal(StunClass.Request, message.Class);
        Assert.Equal(StunMethod.Binding, message.Method);
        Assert.True(message.TryGetUsername(out var username));
        Assert.Equal("evtj:h6vY", Encoding.UTF8.GetString(username));
        Assert.True(message.TryGetPriority(out var priority));
        Assert.Equal(0x6E0001FFu, priority);
        Assert.True(message.TryGetTieBreaker(StunAttribute.IceControlled, out var tieBreaker));
        Assert.Equal(0x932FF9B151263B36UL, tieBreaker);
        Assert.False(message.TryGetTieBreaker(StunAttribute.IceControlling, out _));
        Assert.True(message.TryGetAttribute(StunAttribute.Software, out var software));
        Assert.Equal("STUN test client", Encoding.UTF8.GetString(software));
        Assert.True(message.VerifyMessageIntegrity(Rfc5769Vectors.PasswordBytes));
        Assert.True(message.HasFingerprint && message.VerifyFingerprint());
        Assert.Equal(0, message.GetUnknownRequired(new ushort[4]));
    }

    [Fact]
    public void Rfc5769_2_2_SampleIPv4Response()
    {
        Assert.True(StunMessage.TryParse(Rfc5769Vectors.IPv4Response, out var message));
        Assert.Equal(StunClass.SuccessResponse, message.Class);
        Assert.True(message.TryGetXorMappedAddress(out var address));
        Assert.True(TransportAddress.TryParse("192.0.2.1", 32853, out var expected));
        Assert.Equal(expected, address);
        Assert.True(message.VerifyMessageIntegrity(Rfc5769Vectors.PasswordBytes));
        Assert.True(message.HasFingerprint && message.VerifyFingerprint());
    }

    [Fact]
    public void Rfc5769_2_3_SampleIPv6Response()
    {
        Assert.True(StunMessage.TryParse(Rfc5769Vectors.IPv6Response, out var message));
        Assert.True(message.TryGetXorMappedAddress(out var address));
        Assert.True(TransportAddress.TryParse("2001:db8:1234:5678:11:2233:4455:6677", 32853, out var expected));
        Assert.Equal(expected, address);
        Assert.True(message.VerifyMessageIntegrity(Rfc5769Vectors.PasswordBytes));
        Assert.True(message.HasFingerprint && message.VerifyFingerprint());
    }

    [Fact]
    public void Rfc5769_2_4_SampleRequestWithLongTermAuthentication()
    {
        Assert.True(StunMessage.TryParse(Rfc5769Vectors.LongTermRequest, out var message));
        Assert.True(message.TryGetUsername(out var username));
        Assert.Equal("マトリックス", Encoding.UTF8.GetString(username));
        Assert.True(message.VerifyMessageIntegrity(Rfc5769Vectors.LongTermKey));
        Assert.False(message.HasFingerprint);
    }

    [Fact]
    public void StunWriter_SampleRequest_DiffersFromTheVectorInPaddingAlone()
    {
        Assert.True(StunMessage.TryParse(Rfc5769Vectors.Request, out var sample));
        var buffer = new byte[StunLimits.MaxBuiltSize];
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, sample.TransactionId);
        writer.AddText(StunAttribute.Software, "STUN test client");
        writer.AddPriority(0x6E0001FF);
        writer.AddTieBreaker(StunAttribute.IceControlled, 0x932FF9B151263B36);
        writer.AddText(StunAttribute.Username, "evtj:h6vY");
        var beforePadding = writer.Length - 3;
        Assert.Equal(Rfc5769Vectors.Request[4..beforePadding], writer.Written[4..beforePadding].ToArray());

        // The vector pads with spaces; with its padding the rest is equal to the byte (RFC 5769 section 2.1).
        buffer.AsSpan(beforePadding, 3).Fill(0x20);
        writer.AddMessageIntegrity(Rfc5769Vectors.PasswordBytes);
        writer.AddFingerprint();
        Assert.Equal(Rfc5769Vectors.Request, writer.Written.ToArray());
    }

    [Fact]
    public void VerifyMessageIntegrity_OtherPassword_IsFalse()
    {
        Assert.True(StunMessage.TryParse(Rfc5769Vectors.Request, out var message));
        Assert.False(message.VerifyMessageIntegrity("VOkJxbRl1RmTxUk/WvJxBs"u8));
    }
}
