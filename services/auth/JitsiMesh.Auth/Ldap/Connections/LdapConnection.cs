using System.Net.Security;
using System.Net.Sockets;
using JitsiMesh.Auth.Ldap.Protocol;

namespace JitsiMesh.Auth.Ldap.Connections;

/// <summary>
/// A connection to one server, for one operation at a time. Every failure is an <see cref="LdapException"/>, after which the connection cannot be used again.
/// </summary>
internal sealed class LdapConnection : IAsyncDisposable
{
    private readonly LdapServer _server;
    private readonly TimeProvider _time;
    private readonly Socket _socket;
    private Stream _stream;
    private byte[] _buffer = new byte[8192];
    private int _filled;
    private int _lastId;

    private LdapConnection(LdapServer server, Socket socket, TimeProvider time)
    {
        _server = server;
        _socket = socket;
        _time = time;
        _stream = new NetworkStream(socket, ownsSocket: false);
    }

    /// <summary>False once an operation has failed.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <summary>Connects, with TLS if the server's URL says so, within <see cref="LdapLimits.Connect"/>.</summary>
    /// <param name="server">The server.</param>
    /// <param name="tls">Trusted authorities, versions and ciphers.</param>
    /// <param name="observer">Observes each step.</param>
    /// <param name="time">The clock of the limits.</param>
    /// <param name="cancellation">The caller's own timeout.</param>
    /// <exception cref="LdapException">The connection failed.</exception>
    public static async Task<LdapConnection> OpenAsync(LdapServer server, LdapTls tls, ILdapObserver observer, TimeProvider time, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(LdapLimits.Connect, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        LdapConnection? connection = null;
        try
        {
            try
            {
                await socket.ConnectAsync(server.Host, server.Port, both.Token);
            }
            catch (SocketException e)
            {
                throw new LdapException(LdapFault.Unreachable, server, $"{server}: {e.SocketErrorCode switch { SocketError.HostNotFound => "the host name does not resolve", SocketError.ConnectionRefused => "connection refused", _ => "no connection" }}", e);
            }

            observer.Connected(server);
            connection = new LdapConnection(server, socket, time);
            if (server.StartTls) await connection.AskForTlsAsync(both.Token);
            if (server.Encrypted) await connection.EncryptAsync(tls, observer, both.Token);
            return connection;
        }
        catch (OperationCanceledException e)
        {
            if (connection is not null) await connection.CloseAsync();
            socket.Dispose();
            throw new LdapException(LdapFault.Unreachable, server, FormattableString.Invariant($"{server}: no connection within {LdapLimits.Connect.TotalSeconds} s"), e);
        }
        catch
        {
            if (connection is not null) await connection.CloseAsync();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A simple bind. After a failed bind the connection is anonymous and remains usable.</summary>
    public async Task<LdapResult> BindAsync(int version, string name, string password, CancellationToken cancellation)
    {
        var id = NextId();
        using var limit = new CancellationTokenSource(LdapLimits.Operation, _time);
        return await ExchangeAsync(LdapEncoder.Bind(id, version, name, password), async token =>
            await ReceiveAsync(token) is BindResponse bind && bind.MessageId == id ? bind.Result : throw BadAnswer(), limit, cancellation);
    }

    /// <summary>The entries found, in the server's order, and the result of the search.</summary>
    public async Task<(IReadOnlyList<LdapEntry> Entries, LdapResult Result)> SearchAsync(LdapSearch search, CancellationToken cancellation)
    {
        var id = NextId();
        using var limit = new CancellationTokenSource(LdapLimits.Operation, _time);
        return await ExchangeAsync(LdapEncoder.Search(id, search, LdapLimits.Operation), async token =>
        {
            var entries = new List<LdapEntry>();
            for (var count = 0; count < LdapLimits.MessagesPerSearch; count++)
            {
                var response = await ReceiveAsync(token);
                if (response.MessageId != id) throw BadAnswer();
                switch (response)
                {
                    case SearchEntry entry:
                        entries.Add(entry.Entry);
                        break;
                    case SearchReference:
                        break;
                    case SearchDone done:
                        return ((IReadOnlyList<LdapEntry>)entries, done.Result);
                    default:
                        throw BadAnswer();
                }
            }

            throw BadAnswer();
        }, limit, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (IsUsable)
        {
            try
            {
                // Without waiting: a server that does not read must not block the caller.
                using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200), _time);
                await _stream.WriteAsync(LdapEncoder.Unbind(NextId()), limit.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // The connection is closed in any case.
            }
        }

        await CloseAsync();
    }

    private async ValueTask CloseAsync()
    {
        IsUsable = false;
        _socket.Dispose();
        await _stream.DisposeAsync();
    }

    private async Task AskForTlsAsync(CancellationToken cancellation)
    {
        var id = NextId();
        LdapResponse response;
        try
        {
            await _stream.WriteAsync(LdapEncoder.StartTls(id), cancellation);
            response = await ReceiveAsync(cancellation);
        }
        catch (IOException e)
        {
            throw new LdapException(LdapFault.TlsFailed, _server, $"{_server}: the connection ended at StartTLS", e);
        }

        if (response is not ExtendedResponse extended || extended.MessageId != id) throw BadAnswer();
        if (!extended.Result.Succeeded) throw new LdapException(LdapFault.TlsFailed, _server, $"{_server}: StartTLS is refused ({extended.Result}); no credentials are sent in clear text");

        // Octets after the answer arrived in clear text: an attacker in between may have injected them.
        if (_filled > 0) throw BadAnswer();
    }

    private async Task EncryptAsync(LdapTls tls, ILdapObserver observer, CancellationToken cancellation)
    {
        var check = tls.NewCheck(_server);
        var encrypted = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = encrypted;
        try
        {
            await encrypted.AuthenticateAsClientAsync(tls.OptionsFor(_server, check), cancellation);
        }
        catch (Exception e) when (e is System.Security.Authentication.AuthenticationException or IOException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            throw check.Refusal is { } refusal
                ? new LdapException(LdapFault.CertificateRefused, _server, $"{_server}: certificate not accepted: {refusal}", e)
                : new LdapException(LdapFault.TlsFailed, _server, $"{_server}: no TLS: no common version or cipher, or the server does not speak TLS", e);
        }

        observer.Encrypted(_server, encrypted.SslProtocol.ToString(), encrypted.NegotiatedCipherSuite.ToString(), check.Verified);
    }

    private async Task<T> ExchangeAsync<T>(byte[] request, Func<CancellationToken, Task<T>> receive, CancellationTokenSource limit, CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await _stream.WriteAsync(request, both.Token);
            return await receive(both.Token);
        }
        catch (OperationCanceledException e)
        {
            IsUsable = false;
            throw new LdapException(LdapFault.TimedOut, _server, $"{_server}: no answer in time", e);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            IsUsable = false;
            throw new LdapException(LdapFault.Unreachable, _server, $"{_server}: the connection ended", e);
        }
        catch
        {
            IsUsable = false;
            throw;
        }
        finally
        {
            // The request may contain a password.
            Array.Clear(request);
        }
    }

    private async Task<LdapResponse> ReceiveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (!LdapDecoder.TryMeasure(_buffer.AsSpan(0, _filled), out var length)) throw BadAnswer();
            if (length > 0 && _filled >= length)
            {
                var message = _buffer.AsMemory(0, length).ToArray();
                _buffer.AsSpan(length, _filled - length).CopyTo(_buffer);
                _filled -= length;
                return LdapDecoder.TryRead(message, out var response) ? response : throw BadAnswer();
            }

            var needed = Math.Max(length, _filled + 1);
            if (needed > _buffer.Length) Array.Resize(ref _buffer, Math.Max(needed, _buffer.Length * 2));
            var read = await _stream.ReadAsync(_buffer.AsMemory(_filled), cancellation);
            if (read == 0) throw new IOException("The server closed the connection.");
            _filled += read;
        }
    }

    private int NextId() => ++_lastId;

    private LdapException BadAnswer()
    {
        IsUsable = false;
        return new LdapException(LdapFault.BadAnswer, _server, $"{_server}: invalid answer");
    }
}
