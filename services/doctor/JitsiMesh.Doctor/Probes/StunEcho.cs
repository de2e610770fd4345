using System.Net;
using System.Net.Sockets;
using JitsiMesh.Doctor.Rules;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Doctor.Probes;

/// <summary>Asks STUN servers (RFC 8489) for this machine's public address.</summary>
internal static class StunEcho
{
    private static readonly TimeSpan Repeat = TimeSpan.FromMilliseconds(500);

    /// <returns>The first answer; null when no server answers.</returns>
    public static async Task<StunEchoResult?> AskAsync(IReadOnlyList<HostAndPort> servers, TimeSpan timeout, IRandomSource random)
    {
        using var limit = new CancellationTokenSource(timeout);
        var questions = servers.Take(4).Select(server => AskAsync(server, random, limit.Token)).ToList();
        while (questions.Count > 0)
        {
            var ended = await Task.WhenAny(questions).ConfigureAwait(false);
            if (await ended.ConfigureAwait(false) is { } result) return result;
            questions.Remove(ended);
        }

        return null;
    }

    private static async Task<StunEchoResult?> AskAsync(HostAndPort server, IRandomSource random, CancellationToken cancellation)
    {
        try
        {
            var address = (await Dns.GetHostAddressesAsync(server.Host, AddressFamily.InterNetwork, cancellation).ConfigureAwait(false)).FirstOrDefault();
            if (address is null) return null;
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(new IPEndPoint(address, server.Port), cancellation).ConfigureAwait(false);
            var transaction = StunTransactionId.Create(random);
            var buffer = new byte[2048];
            while (true)
            {
                await socket.SendAsync(Request(transaction), cancellation).ConfigureAwait(false);
                using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                wait.CancelAfter(Repeat);
                try
                {
                    var length = await socket.ReceiveAsync(buffer, wait.Token).ConfigureAwait(false);
                    if (Read(buffer.AsSpan(0, length), transaction) is { } mapped) return new StunEchoResult(server.Host, ((IPEndPoint)socket.LocalEndPoint!).Address, mapped);
                }
                catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
                {
                    // Retransmit.
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ArgumentException)
        {
            return null;
        }
    }

    internal static byte[] Request(StunTransactionId transaction)
    {
        Span<byte> buffer = stackalloc byte[64];
        return new StunWriter(buffer, StunClass.Request, StunMethod.Binding, transaction).Written.ToArray();
    }

    internal static IPAddress? Read(ReadOnlySpan<byte> datagram, StunTransactionId transaction) =>
        StunMessage.TryParse(datagram, out var message) && message.TransactionId == transaction && message.Class == StunClass.SuccessResponse && message.TryGetXorMappedAddress(out var mapped)
            ? mapped.ToIPAddress()
            : null;
}
