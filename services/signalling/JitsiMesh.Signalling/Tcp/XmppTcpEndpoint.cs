using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Signalling.Tcp;

/// <summary>
/// XMPP over TCP with STARTTLS (RFC 6120), for recorders, gateways and bots: (1) a stream in clear text that offers TLS and nothing else, (2) the handshake, (3) the stream that a WebSocket
/// has too. One deadline bounds the first two, and another the login.
/// </summary>
public sealed class XmppTcpEndpoint(
    SignallingOptions options, StanzaRouter router, ConnectionServices services, AddressLimiter limiter, OwnQueue queue, StreamCertificate certificate, IHostApplicationLifetime lifetime)
{
    /// <summary>How long a client may take to close its side after a stream error.</summary>
    private static readonly TimeSpan CloseWait = TimeSpan.FromSeconds(2);

    public async Task HandleAsync(ConnectionContext connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var address = ClientAddress.Of(connection.RemoteEndPoint, options);
        if (!limiter.TryEnter(address))
        {
            services.Metrics.Refused(nameof(SessionEndReason.TooManySocketsOfAddress));
            connection.Abort();
            return;
        }

        var authenticated = false;
        try
        {
            await using var clear = new DuplexPipeStream(connection.Transport);
            await using var secured = new SslStream(clear, leaveInnerStreamOpen: true);
            if (!await TrySecureAsync(clear, secured)) return;
            using var trace = JoinTrace.IsOn ? JoinTrace.Begin(null) : null;
            var request = new ClientRequest { AddressTag = ClientAddress.TagOf(address, options) };
            var stream = new XmppStream(router, request, queue.Name, options.HibernationTime, StreamFraming.Tcp);
            using var transport = new TcpTransport(secured, connection.Abort);
            using var client = new ClientConnection(transport, stream, services, () =>
            {
                authenticated = true;
                limiter.Authenticated(address);
            }, trace, address);
            await client.RunAsync(services.Sessions.Closing);
        }
        finally
        {
            limiter.Leave(address, authenticated);
            // What is not sent by now is for nobody: a connection that nobody reads must not outlive its stream.
            connection.Abort();
        }
    }

    /// <summary>Steps 1 and 2. False where they ended the connection; then it is counted.</summary>
    private async Task<bool> TrySecureAsync(DuplexPipeStream clear, SslStream secured)
    {
        using var limit = new CancellationTokenSource(SignallingLimits.NegotiationTime, services.Clock.Time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, lifetime.ApplicationStopping);
        SessionEndReason reason;
        try
        {
            reason = await NegotiateAsync(clear, over.Token);
            if (reason == SessionEndReason.None)
            {
                await secured.AuthenticateAsServerAsync(certificate.Options(), over.Token);
                return true;
            }
        }
        catch (AuthenticationException)
        {
            reason = SessionEndReason.TlsFailed;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            reason = SessionEndReason.NegotiationTimeout;
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            reason = SessionEndReason.ShuttingDown;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            reason = SessionEndReason.ConnectionLost;
        }

        services.Metrics.SocketClosed(reason);
        return false;
    }

    /// <summary>Step 1.</summary>
    /// <returns>None where TLS follows; otherwise why the stream ended.</returns>
    private async Task<SessionEndReason> NegotiateAsync(DuplexPipeStream clear, CancellationToken cancellation)
    {
        var negotiation = new StartTlsNegotiation(router);
        var reader = new XmppStreamReader();
        var chunk = new byte[SignallingLimits.TcpReadOctets];
        var output = new List<string>();
        var (from, to) = (0, 0);
        while (true)
        {
            if (from == to)
            {
                (from, to) = (0, await clear.ReadAsync(chunk, cancellation));
                if (to == 0) return SessionEndReason.ConnectionLost;
            }

            var part = reader.Read(chunk.AsSpan(from, to - from), SignallingLimits.NegotiationFrameOctets, out var consumed);
            from += consumed;
            if (part.Kind == XmppStreamPartKind.Incomplete && part.Space == 0) continue;
            services.Metrics.Received.Add(1);
            output.Clear();
            var step = negotiation.Handle(part, output);
            if (step == StartTlsStep.Proceed)
            {
                // What stands behind the request came in clear text, and somebody on the way may have written it: it must not count as what TLS brings (RFC 6120 section 5.3.5).
                if (from < to) step = negotiation.Fail("policy-violation", SessionEndReason.ClearTextBehindStartTls, output);
                else output.Add(StartTlsNegotiation.Proceed);
            }

            if (output.Count > 0) await clear.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(output)), cancellation);
            if (step == StartTlsStep.Proceed) return SessionEndReason.None;
            if (step != StartTlsStep.End) continue;
            await DrainAsync(clear, chunk, cancellation);
            return negotiation.Reason;
        }
    }

    private static async Task DrainAsync(DuplexPipeStream clear, byte[] chunk, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(CloseWait);
        try
        {
            while (await clear.ReadAsync(chunk, limit.Token) > 0)
            {
                // A connection closed with unread data is reset, and the client would not see why.
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // It had its time.
        }
    }
}

/// <summary>Which of the process's listeners takes XMPP over TCP (<see cref="Hosting.Nodes.ListenAddresses.Port"/>); registered only where there is one.</summary>
public sealed record XmppTcpListener(int Index);
