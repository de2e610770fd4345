using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.Doctor.Rules;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Ice.Tcp;
using JitsiMesh.Primitives;

namespace JitsiMesh.Doctor.Probes;

/// <summary>The same as <see cref="BindingProbe"/> over TCP (RFC 6544), directly and behind the simulated TLS of ssltcp.</summary>
internal static class TcpBindingProbe
{
    private const int MaxFrame = 2048;

    /// <param name="address">One passive candidate of the bridge.</param>
    /// <param name="ssl">Whether its protocol is ssltcp.</param>
    /// <param name="ufrag">The bridge's ufrag, as in the offer.</param>
    /// <param name="password">The bridge's password.</param>
    /// <param name="timeout">Timeout for all steps.</param>
    /// <param name="random">For ids.</param>
    public static async Task<BindingResult> AskAsync(IPEndPoint address, bool ssl, string ufrag, string password, TimeSpan timeout, IRandomSource random)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = new CancellationTokenSource(timeout);
        var started = Stopwatch.GetTimestamp();
        IPAddress? local = null;
        try
        {
            await socket.ConnectAsync(address, limit.Token).ConfigureAwait(false);
            local = ((IPEndPoint)socket.LocalEndPoint!).Address;
            var transaction = StunTransactionId.Create(random);
            var request = BindingProbe.Request(transaction, $"{ufrag}:{random.NextHex(8)}", password, random.NextUInt64());
            var frame = new byte[FrameReader.HeaderSize + request.Length];
            BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)request.Length);
            request.CopyTo(frame, FrameReader.HeaderSize);
            if (ssl) await socket.SendAsync(SslTcpHandshake.ClientHello.ToArray(), limit.Token).ConfigureAwait(false);
            await socket.SendAsync(frame, limit.Token).ConfigureAwait(false);
            var reader = new FrameReader(MaxFrame, ssl ? FrameStart.ServerHello : FrameStart.Plain);
            while (true)
            {
                var count = await socket.ReceiveAsync(reader.Free, limit.Token).ConfigureAwait(false);
                if (count == 0) return new BindingResult(address, BindingOutcome.Foreign, TimeSpan.Zero, local, null);
                reader.Added(count);
                if (Read(reader, transaction, password) is { } answer) return new BindingResult(address, answer.Outcome, Stopwatch.GetElapsedTime(started), local, answer.Mapped);
            }
        }
        catch (OperationCanceledException)
        {
            return new BindingResult(address, BindingOutcome.Silent, TimeSpan.Zero, local, null);
        }
        catch (SocketException e)
        {
            var outcome = e.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => BindingOutcome.Refused,
                SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.AddressNotAvailable => BindingOutcome.NoRoute,
                SocketError.TimedOut => BindingOutcome.Silent,
                _ => BindingOutcome.Foreign,
            };
            return new BindingResult(address, outcome, TimeSpan.Zero, local, null);
        }
    }

    private static (BindingOutcome Outcome, IPEndPoint? Mapped)? Read(FrameReader reader, StunTransactionId transaction, string password)
    {
        while (true)
        {
            switch (reader.TryRead(out var frame))
            {
                case FrameRead.Incomplete:
                    return null;
                case FrameRead.Hello:
                    break;
                case FrameRead.Frame:
                    // The bridge's own checks arrive too.
                    if (BindingProbe.Read(frame, transaction, password) is { } answer) return answer;
                    break;
                default:
                    return (BindingOutcome.Foreign, null);
            }
        }
    }
}
