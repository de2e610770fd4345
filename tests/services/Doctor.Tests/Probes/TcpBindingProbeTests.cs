using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using JitsiMesh.Doctor.Probes;
using JitsiMesh.Doctor.Rules;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Ice.Tcp;
using JitsiMesh.Primitives;

namespace JitsiMesh.Doctor.Tests.Probes;

/// <summary>Against servers of the test's own on loopback.</summary>
public sealed class TcpBindingProbeTests
{
    private const string Password = "abcdefghijklmnopqrstuvwx";

    [Theory]
    [InlineData(false, Password, BindingOutcome.Answered)]
    [InlineData(true, Password, BindingOutcome.Answered)]
    [InlineData(false, "another password than that", BindingOutcome.Foreign)]
    [InlineData(true, null, BindingOutcome.Foreign)]
    internal async Task A_bridge_is_told_from_other_servers(bool ssl, string? password, BindingOutcome expected)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = ServeAsync(listener, password);
        var result = await TcpBindingProbe.AskAsync((IPEndPoint)listener.LocalEndpoint, ssl, "bridge12", Password, TimeSpan.FromSeconds(20), SecureRandomSource.Instance);
        Assert.Equal(expected, result.Outcome);
        await served.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_closed_port_refuses()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = (IPEndPoint)listener.LocalEndpoint;
        listener.Stop();
        Assert.Equal(BindingOutcome.Refused, (await TcpBindingProbe.AskAsync(address, ssl: false, "bridge12", Password, TimeSpan.FromSeconds(20), SecureRandomSource.Instance)).Outcome);
    }

    [Fact]
    public async Task The_echo_of_a_stun_server_is_heard_and_a_silent_one_is_not_waited_for_when_another_answers()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)server.Client.LocalEndPoint!).Port;
        var served = Task.Run(async () =>
        {
            var question = await server.ReceiveAsync();
            Assert.True(StunMessage.TryParse(question.Buffer, out var message));
            var answer = Answer(message.TransactionId, new IPEndPoint(IPAddress.Parse("198.51.100.7"), 5));
            await server.SendAsync(answer, question.RemoteEndPoint);
        });
        var result = await StunEcho.AskAsync([new HostAndPort("127.0.0.1", ((IPEndPoint)silent.Client.LocalEndPoint!).Port), new HostAndPort("127.0.0.1", port)], TimeSpan.FromSeconds(20), SecureRandomSource.Instance);
        Assert.Equal((IPAddress.Loopback, IPAddress.Parse("198.51.100.7")), (result!.Local, result.Mapped));
        await served;
        Assert.Null(await StunEcho.AskAsync([new HostAndPort("127.0.0.1", port)], TimeSpan.FromMilliseconds(200), SecureRandomSource.Instance));
    }

    private static byte[] Answer(StunTransactionId id, IPEndPoint mapped, string? password = null)
    {
        var writer = new StunWriter(stackalloc byte[256], StunClass.SuccessResponse, StunMethod.Binding, id);
        writer.AddXorMappedAddress(TransportAddress.From(mapped));
        if (password is not null) writer.AddMessageIntegrity(Encoding.UTF8.GetBytes(password));
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }

    /// <summary>One connection; null: it is closed at once.</summary>
    private static async Task ServeAsync(TcpListener listener, string? password)
    {
        using var client = await listener.AcceptTcpClientAsync();
        if (password is null) return;
        var stream = client.GetStream();
        var reader = new FrameReader(2048, FrameStart.PerhapsClientHello);
        while (true)
        {
            reader.Added(await stream.ReadAsync(reader.Free));
            var answers = new List<byte[]>();
            FrameRead read;
            while ((read = reader.TryRead(out var frame)) is FrameRead.Frame or FrameRead.Hello)
            {
                if (read == FrameRead.Hello)
                {
                    answers.Add(SslTcpHandshake.ServerHello.ToArray());
                    continue;
                }

                Assert.True(StunMessage.TryParse(frame, out var message));
                var answer = Answer(message.TransactionId, (IPEndPoint)client.Client.RemoteEndPoint!, password);
                var framed = new byte[2 + answer.Length];
                BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)answer.Length);
                answer.CopyTo(framed, 2);
                answers.Add(framed);
            }

            foreach (var answer in answers) await stream.WriteAsync(answer);
            if (answers.Any(a => a[0] != 0x16)) return;
        }
    }
}
