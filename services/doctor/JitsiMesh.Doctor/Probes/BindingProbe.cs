using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using JitsiMesh.Doctor.Rules;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Doctor.Probes;

/// <summary>STUN bindings with the credentials of a session: the first packet of a browser to the bridge.</summary>
internal static class BindingProbe
{
    private const int UfragLength = 8;
    private const string UfragAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    // A peer-reflexive priority like a browser's; it selects nothing.
    private const uint Priority = 0x6E7F00FF;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);

    /// <param name="address">One candidate of the bridge.</param>
    /// <param name="ufrag">The bridge's ufrag, as in the offer.</param>
    /// <param name="password">The bridge's password.</param>
    /// <param name="timeout">For all attempts.</param>
    /// <param name="random">For ids.</param>
    public static async Task<BindingResult> AskAsync(IPEndPoint address, string ufrag, string password, TimeSpan timeout, IRandomSource random)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var outcome = BindingOutcome.Silent;
        try
        {
            // A connected socket gets ICMP errors, and has the local address of the route.
            await socket.ConnectAsync(address).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return new BindingResult(address, BindingOutcome.NoRoute, TimeSpan.Zero, null, null);
        }

        var local = ((IPEndPoint)socket.LocalEndPoint!).Address;
        var own = random.NextString(UfragLength, UfragAlphabet);
        var tieBreaker = random.NextUInt64();
        var started = Stopwatch.GetTimestamp();
        var buffer = new byte[1500];
        for (var wait = FirstWait; Stopwatch.GetElapsedTime(started) < timeout; wait *= 2)
        {
            var transaction = StunTransactionId.Create(random);
            var sent = Stopwatch.GetTimestamp();
            try
            {
                await socket.SendAsync(Request(transaction, $"{ufrag}:{own}", password, tieBreaker)).ConfigureAwait(false);
                using var limit = new CancellationTokenSource(Min(wait, timeout - Stopwatch.GetElapsedTime(started)));
                while (true)
                {
                    var length = await socket.ReceiveAsync(buffer, limit.Token).ConfigureAwait(false);
                    if (Read(buffer.AsSpan(0, length), transaction, password) is not { } answer) continue;
                    return new BindingResult(address, answer.Outcome, Stopwatch.GetElapsedTime(sent), local, answer.Mapped);
                }
            }
            catch (OperationCanceledException)
            {
                // No answer in time: send again, as clients do.
            }
            catch (SocketException e)
            {
                // An ICMP error may be transient, so keep trying until the timeout.
                outcome = e.SocketErrorCode == SocketError.ConnectionRefused ? BindingOutcome.Refused
                    : e.SocketErrorCode is SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.AddressNotAvailable ? BindingOutcome.NoRoute
                    : outcome;
                await Task.Delay(Min(wait, TimeSpan.FromSeconds(1))).ConfigureAwait(false);
            }
        }

        return new BindingResult(address, outcome, TimeSpan.Zero, outcome == BindingOutcome.NoRoute ? null : local, null);
    }

    internal static byte[] Request(StunTransactionId transaction, string username, string password, ulong tieBreaker)
    {
        Span<byte> buffer = stackalloc byte[512];
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, transaction);
        writer.AddText(StunAttribute.Username, username);
        writer.AddTieBreaker(StunAttribute.IceControlled, tieBreaker);
        writer.AddPriority(Priority);
        writer.AddMessageIntegrity(Encoding.UTF8.GetBytes(password));
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }

    /// <summary>Null for a datagram that does not answer this transaction.</summary>
    internal static (BindingOutcome Outcome, IPEndPoint? Mapped)? Read(ReadOnlySpan<byte> datagram, StunTransactionId transaction, string password)
    {
        if (!StunMessage.TryParse(datagram, out var message) || message.TransactionId != transaction || message.Class is StunClass.Request or StunClass.Indication) return null;
        if (message.Class == StunClass.ErrorResponse || !message.VerifyMessageIntegrity(Encoding.UTF8.GetBytes(password))) return (BindingOutcome.Foreign, null);
        return (BindingOutcome.Answered, message.TryGetXorMappedAddress(out var mapped) ? mapped.ToIPEndPoint() : null);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => b < TimeSpan.Zero ? TimeSpan.Zero : a < b ? a : b;
}
