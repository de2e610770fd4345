using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using JitsiMesh.Doctor.Rules;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;
using JitsiMesh.Turn;
using JitsiMesh.Turn.Client;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Doctor.Probes;

/// <summary>A TURN server as announced to clients (XEP-0215).</summary>
internal sealed record AnnouncedRelay(string Type, string Host, int Port, string Transport, string Username, string Password)
{
    public bool IsUdp => Transport == "udp";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Type}:{Host}:{Port} over {Transport}");

    /// <summary>The servers of an answer that have credentials.</summary>
    public static IReadOnlyList<AnnouncedRelay> Read(XmppElement? services) =>
    [
        .. (services?.Children("service") ?? []).Where(s => s["type"] is "turn" or "turns" && s["host"] is not null && s["username"] is not null && s["password"] is not null)
            .Select(s => new AnnouncedRelay(s["type"]!, s["host"]!, int.TryParse(s["port"], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 3478, s["transport"] ?? "udp", s["username"]!, s["password"]!)),
    ];
}

/// <summary>Acts like a browser in a network without UDP: makes an allocation at a TURN server and sends a binding through it to the bridge.</summary>
internal static class RelayProbe
{
    private const ushort Channel = 0x4000;

    public static async Task<RelayResult> AskAsync(AnnouncedRelay relay, IPEndPoint bridge, string ufrag, string password, TimeSpan timeout, IRandomSource random)
    {
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            using var client = new Socket(relay.IsUdp ? SocketType.Dgram : SocketType.Stream, relay.IsUdp ? ProtocolType.Udp : ProtocolType.Tcp);
            await client.ConnectAsync(relay.Host, relay.Port, limit.Token).ConfigureAwait(false);
            if (relay.IsUdp) return await AskAsync(relay, bridge, ufrag, password, random, client.SendAsync, client.ReceiveAsync, limit.Token).ConfigureAwait(false);
            using var network = new NetworkStream(client);
            if (relay.Type == "turn") return await AskStreamAsync(relay, bridge, ufrag, password, random, network, limit.Token).ConfigureAwait(false);
            var tls = new SslStream(network);
            await using (tls.ConfigureAwait(false))
            {
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = relay.Host, RemoteCertificateValidationCallback = static (_, _, _, _) => true }, limit.Token).ConfigureAwait(false);
                return await AskStreamAsync(relay, bridge, ufrag, password, random, tls, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return new RelayResult(relay.ToString(), RelayOutcome.Silent, "");
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            return new RelayResult(relay.ToString(), RelayOutcome.NoConnection, e.Message);
        }
    }

    private static Task<RelayResult> AskStreamAsync(AnnouncedRelay relay, IPEndPoint bridge, string ufrag, string password, IRandomSource random, Stream stream, CancellationToken cancellation) =>
        AskAsync(relay, bridge, ufrag, password, random,
            async (packet, token) =>
            {
                await stream.WriteAsync(packet, token).ConfigureAwait(false);
                return packet.Length;
            },
            async (buffer, token) =>
            {
                await stream.ReadExactlyAsync(buffer[..TurnFrame.PrefixSize], token).ConfigureAwait(false);
                var length = TurnFrame.LengthOf(buffer.Span);
                if (length == 0) throw new IOException("the server there does not speak TURN");
                await stream.ReadExactlyAsync(buffer[TurnFrame.PrefixSize..length], token).ConfigureAwait(false);
                return length;
            },
            cancellation);

    private static async Task<RelayResult> AskAsync(
        AnnouncedRelay relay, IPEndPoint bridge, string ufrag, string password, IRandomSource random,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<int>> send, Func<Memory<byte>, CancellationToken, ValueTask<int>> receive, CancellationToken cancellation)
    {
        var messages = new TurnClientMessages(relay.Username, relay.Password, random);
        var buffer = new byte[TurnFrame.MaxSize];
        var peer = TransportAddress.From(bridge);
        if (await SayAsync(() => messages.Allocate(!peer.IsIPv4)).ConfigureAwait(false) is var error and not 0) return new RelayResult(relay.ToString(), RelayOutcome.Refused, Text(error));
        if (await SayAsync(() => messages.BindChannel(Channel, peer)).ConfigureAwait(false) is var forbidden and not 0) return new RelayResult(relay.ToString(), RelayOutcome.BridgeRefused, Text(forbidden));
        var transaction = StunTransactionId.Create(random);
        var request = BindingProbe.Request(transaction, $"{ufrag}:{random.NextHex(8)}", password, random.NextUInt64());
        while (true)
        {
            await send(TurnClientMessages.Channel(Channel, request), cancellation).ConfigureAwait(false);
            var length = await receive(buffer, cancellation).ConfigureAwait(false);
            if (length >= ChannelData.HeaderSize && ChannelData.IsChannel(buffer[0]) && ChannelData.HeaderSize + ChannelData.LengthOf(buffer) <= length
                && BindingProbe.Read(buffer.AsSpan(ChannelData.HeaderSize, ChannelData.LengthOf(buffer)), transaction, password) is { Outcome: BindingOutcome.Answered })
            {
                return new RelayResult(relay.ToString(), RelayOutcome.Answered, "");
            }

            if (length == 0) throw new IOException("the connection was closed");
        }

        async Task<int> SayAsync(Func<byte[]> make)
        {
            for (var i = 0; ; i++)
            {
                await send(make(), cancellation).ConfigureAwait(false);
                var length = await receive(buffer, cancellation).ConfigureAwait(false);
                var reply = messages.Read(buffer.AsSpan(0, length)) ?? throw new IOException("the server there does not speak TURN");
                if (i == 2 || reply.Error is not (TurnErrorCode.Unauthenticated or TurnErrorCode.StaleNonce)) return reply.Error;
            }
        }

        static string Text(int code) => code.ToString(CultureInfo.InvariantCulture);
    }
}
