using System.Buffers;
using System.Net.Security;
using JitsiMesh.Acme.Challenges;
using JitsiMesh.EdgeProxy.Limits;
using Microsoft.AspNetCore.Connections;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>
/// TLS-ALPN-01 (RFC 8737) on the HTTPS port. The first record of a connection is inspected without consuming it. A connection of an authority that asks for a name under order gets the challenge certificate; every
/// other client gets the server's certificate.
/// </summary>
internal sealed class AcmeHandshake(ChallengeBoard board, AcmePlan plan, TimeProvider time)
{
    private static readonly List<SslApplicationProtocol> Protocols = [new(TlsAlpnCertificate.Protocol)];

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        string? name;
        using (var limit = new CancellationTokenSource(EdgeLimits.HelloTime, time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, connection.ConnectionClosed))
        {
            try
            {
                name = await ReadNameAsync(connection, both.Token);
                if (name is not null && plan.Names.Contains(name, StringComparer.Ordinal) && await board.TlsAsync(name, both.Token) is { } authorization)
                {
                    connection.Features.Set(new AcmeHandshakeAnswer(SslStreamCertificateContext.Create(TlsAlpnCertificate.Create(name, authorization, time.GetUtcNow()), null, offline: true)));
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The client sent nothing in time, or has disconnected.
                return;
            }
        }

        await next(connection);
    }

    /// <summary>The TLS options for this connection if an authority opened it; else null.</summary>
    public static SslServerAuthenticationOptions? Options(ConnectionContext connection) => connection.Features.Get<AcmeHandshakeAnswer>() is { } answer
        ? new SslServerAuthenticationOptions { ServerCertificateContext = answer.Certificate, ApplicationProtocols = Protocols }
        : null;

    private static async ValueTask<string?> ReadNameAsync(ConnectionContext connection, CancellationToken cancellation)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            var verdict = Look(read.Buffer, out var name);
            if (verdict is null && !read.IsCompleted && read.Buffer.Length < ClientHello.MaxOctets)
            {
                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            // Nothing is consumed: the handshake reads the record again.
            input.AdvanceTo(read.Buffer.Start);
            return verdict == true ? name : null;
        }
    }

    private static bool? Look(ReadOnlySequence<byte> buffer, out string name)
    {
        if (buffer.IsSingleSegment) return ClientHello.IsAcme(buffer.FirstSpan, out name);
        var length = (int)Math.Min(buffer.Length, ClientHello.MaxOctets);
        var rented = ArrayPool<byte>.Shared.Rent(length);
        buffer.Slice(0, length).CopyTo(rented);
        var verdict = ClientHello.IsAcme(rented.AsSpan(0, length), out name);
        ArrayPool<byte>.Shared.Return(rented);
        return verdict;
    }

    private sealed record AcmeHandshakeAnswer(SslStreamCertificateContext Certificate);
}
