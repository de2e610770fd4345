using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests.Fuzz;

/// <summary>Feeds one datagram to an agent that checks; the first byte says whether to sign the rest as the remote would.</summary>
public static class IceAgentFuzz
{
    private static readonly TransportAddress Local = TransportAddress.FromIPv4(0x0A000001, 10000);
    private static readonly TransportAddress Remote = TransportAddress.FromIPv4(0x0A000002, 50000);

    public static void Run(ReadOnlySpan<byte> data)
    {
        var now = MonotonicTime.FromSeconds(1);
        var agent = new IceAgent(new IceAgentOptions { Ufrag = "bridge", Password = "bridge-password-of-22-chars" }, new SeededRandomSource(1));
        agent.AddLocalCandidate(Candidate.CreateHost(Local));
        agent.AddRemoteCandidate(Candidate.CreateHost(Remote), now);
        agent.SetRemoteCredentials("client", "client-password", now);
        agent.TryDequeueTransmit(out var check);
        agent.HandleStun(data, Local, Remote, now);
        if (data.Length is > 1 and < 400)
        {
            agent.HandleStun(Signed(data, Encoding.UTF8.GetBytes(agent.Password), StunClass.Request, new StunTransactionId(1, 1)), Local, Remote, now);
            if (!StunMessage.TryParse(check.Datagram.Span, out var request)) throw new InvalidOperationException("Our own check does not parse.");
            var response = (data[0] & 1) == 0 ? StunClass.SuccessResponse : StunClass.ErrorResponse;
            agent.HandleStun(Signed(data, "client-password"u8, response, request.TransactionId), Local, Remote, now);
        }

        for (var i = 0; i < 20 && agent.NextTimeout != MonotonicTime.Never; i++) agent.HandleTimeout(agent.NextTimeout);
        while (agent.TryDequeueTransmit(out _))
        {
        }
    }

    /// <summary>Reads the data as attributes (type, length, value) and signs them, so that a random input gets past the password.</summary>
    private static ReadOnlySpan<byte> Signed(ReadOnlySpan<byte> data, ReadOnlySpan<byte> key, StunClass messageClass, StunTransactionId id)
    {
        var writer = new StunWriter(new byte[1500], messageClass, StunMethod.Binding, id);
        writer.AddText(StunAttribute.Username, "bridge:client");
        for (var i = 0; i + 2 < data.Length && i < 60;)
        {
            var length = Math.Min(data[i + 1] & 31, data.Length - i - 2);
            writer.AddBytes((StunAttribute)(((data[i] & 0x80) << 8) | (data[i] & 0x7F)), data.Slice(i + 2, length));
            i += 2 + length;
        }

        writer.AddMessageIntegrity(key);
        writer.AddFingerprint();
        return writer.Written;
    }
}
