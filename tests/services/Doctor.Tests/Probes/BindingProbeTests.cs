using System.Net;
using System.Net.Sockets;
using System.Text;
using JitsiMesh.Doctor.Probes;
using JitsiMesh.Doctor.Rules;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Doctor.Tests.Probes;

public sealed class BindingProbeTests
{
    private const string Password = "the-bridges-password-of-22";
    private static readonly StunTransactionId Transaction = new(1, 2);

    [Fact]
    public void A_request_proves_the_session_to_the_bridge()
    {
        var bytes = BindingProbe.Request(Transaction, "bridge:doctor", Password, 7);
        Assert.True(StunMessage.TryParse(bytes, out var message));
        Assert.Equal((StunClass.Request, StunMethod.Binding), (message.Class, message.Method));
        Assert.True(message.VerifyFingerprint() && message.VerifyMessageIntegrity(Encoding.UTF8.GetBytes(Password)));
        Assert.True(message.TryGetUsername(out var username) && username.SequenceEqual("bridge:doctor"u8));
        Assert.True(message.TryGetTieBreaker(StunAttribute.IceControlled, out var tieBreaker) && tieBreaker == 7);
    }

    [Fact]
    public void Only_an_answer_with_the_sessions_password_counts()
    {
        Assert.Equal((BindingOutcome.Answered, IPEndPoint.Parse("203.0.113.9:4000")), BindingProbe.Read(Answer(Transaction, Password), Transaction, Password));
        Assert.Equal(BindingOutcome.Foreign, BindingProbe.Read(Answer(Transaction, "another password"), Transaction, Password)!.Value.Outcome);
        Assert.Null(BindingProbe.Read(Answer(new StunTransactionId(1, 3), Password), Transaction, Password));
        Assert.Null(BindingProbe.Read("no stun at all......"u8, Transaction, Password));
    }

    [Fact]
    public async Task Silence_takes_the_time_it_is_given_and_a_closed_port_is_told_apart()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = (IPEndPoint)silent.LocalEndPoint!;
        var asked = await BindingProbe.AskAsync(address, "u", Password, TimeSpan.FromMilliseconds(600), new SeededRandomSource(1));
        Assert.Equal((BindingOutcome.Silent, IPAddress.Loopback), (asked.Outcome, asked.Local));
        silent.Dispose();
        var refused = await BindingProbe.AskAsync(address, "u", Password, TimeSpan.FromMilliseconds(600), new SeededRandomSource(1));
        Assert.Equal(BindingOutcome.Refused, refused.Outcome);
    }

    [Fact]
    public async Task The_second_attempt_is_answered_when_the_first_is_lost()
    {
        using var bridge = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        bridge.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var asking = BindingProbe.AskAsync((IPEndPoint)bridge.LocalEndPoint!, "u", Password, TimeSpan.FromSeconds(30), new SeededRandomSource(1));
        var buffer = new byte[1500];
        var from = new IPEndPoint(IPAddress.Any, 0);
        await bridge.ReceiveFromAsync(buffer, from);
        var second = await bridge.ReceiveFromAsync(buffer, from);
        Assert.True(StunMessage.TryParse(buffer.AsSpan(0, second.ReceivedBytes), out var message));
        await bridge.SendToAsync(Answer(message.TransactionId, Password), second.RemoteEndPoint);
        var result = await asking;
        Assert.Equal((BindingOutcome.Answered, IPEndPoint.Parse("203.0.113.9:4000")), (result.Outcome, result.Mapped));
    }

    private static byte[] Answer(StunTransactionId transaction, string password)
    {
        Span<byte> buffer = stackalloc byte[256];
        var writer = new StunWriter(buffer, StunClass.SuccessResponse, StunMethod.Binding, transaction);
        writer.AddXorMappedAddress(TransportAddress.From(IPEndPoint.Parse("203.0.113.9:4000")));
        writer.AddMessageIntegrity(Encoding.UTF8.GetBytes(password));
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }
}
