using System.IO.Pipelines;
using System.Net.Security;
using JitsiMesh.Turn;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace JitsiMesh.EdgeProxy.Turn;

/// <summary>
/// Distinguishes TURN from HTTP on one port: by ALPN (RFC 7443) where the client sends it, else by the first octet, which is 0 to 3 for STUN, a letter for HTTP and 0x16 for TLS. A connection
/// with the ALPN of HTTP is not inspected.
/// </summary>
internal sealed class TurnDemultiplexer(TurnRelay relay, TimeProvider time)
{
    /// <summary>For <see cref="SslServerAuthenticationOptions.ApplicationProtocols"/>.</summary>
    public static readonly SslApplicationProtocol Protocol = new("stun.turn");

    /// <summary>For a listener before TLS, or without TLS.</summary>
    public void UsePlain(ListenOptions options)
    {
        if (relay.IsOn) options.Use(next => connection => RunPlainAsync(connection, next));
    }

    /// <summary>On a listener behind TLS.</summary>
    public void UseBehindTls(ListenOptions options)
    {
        if (relay.IsOn) options.Use(next => connection => RunBehindTlsAsync(connection, next));
    }

    /// <summary>The ALPN protocols of a TLS handshake; the server's order counts. TURN comes first where it is on: coturn's clients also offer HTTP but mean TURN.</summary>
    public List<SslApplicationProtocol> Protocols() => relay.IsOn
        ? [Protocol, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]
        : [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    private Task RunBehindTlsAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var protocol = connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol ?? default;
        if (protocol.Span.SequenceEqual(Protocol.Protocol.Span)) return RunTurnAsync(connection, TurnTransport.Tls);
        return protocol.IsEmpty ? LookAsync(connection, next, TurnTransport.Tls) : next(connection);
    }

    private Task RunPlainAsync(ConnectionContext connection, ConnectionDelegate next) => LookAsync(connection, next, TurnTransport.Tcp);

    private async Task LookAsync(ConnectionContext connection, ConnectionDelegate next, TurnTransport transport)
    {
        var input = connection.Transport.Input;
        ReadResult result;
        var reading = input.ReadAsync();
        if (reading.IsCompletedSuccessfully)
        {
            result = reading.Result;
        }
        else
        {
            // HTTP's own timeouts start with the first request.
            var wait = new Wait(connection, time);
            connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static state => ((Wait)state).Check(), wait);
            using var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested.Register(static state => ((Wait)state!).End(), wait) ?? default;
            try
            {
                result = await reading;
            }
            catch (Exception e) when (e is IOException or ConnectionAbortedException or ConnectionResetException or OperationCanceledException)
            {
                return;
            }
            finally
            {
                wait.IsOver = true;
            }
        }

        var isTurn = result.Buffer.Length > 0 && TurnFrame.CanBegin(result.Buffer.FirstSpan[0]);

        // Nothing is consumed: the next reader gets all of it at once.
        input.AdvanceTo(result.Buffer.Start, result.Buffer.Start);
        if (isTurn) await RunTurnAsync(connection, transport);
        else await next(connection);
    }

    private Task RunTurnAsync(ConnectionContext connection, TurnTransport transport) =>
        new TurnConnection(relay, connection, TurnConnection.TupleOf(connection, transport), time).RunAsync();

    private sealed class Wait(ConnectionContext connection, TimeProvider time)
    {
        private readonly long _since = time.GetTimestamp();

        public bool IsOver { get; set; }

        public void Check()
        {
            if (!IsOver && time.GetElapsedTime(_since) > TurnHostLimits.FirstOctetTime) connection.Abort();
        }

        public void End()
        {
            if (!IsOver) connection.Abort();
        }
    }
}
