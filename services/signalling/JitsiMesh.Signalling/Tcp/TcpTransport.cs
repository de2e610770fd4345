using System.Net.Security;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tcp;

/// <summary>A stream over TCP, after TLS (RFC 6120).</summary>
/// <param name="secured">The connection behind the handshake.</param>
/// <param name="abort">Cuts the connection.</param>
internal sealed class TcpTransport(SslStream secured, Action abort) : ClientTransport, IDisposable
{
    private readonly BatchingStream _batch = new(secured);
    private readonly XmppStreamReader _reader = new();
    private readonly byte[] _chunk = new byte[SignallingLimits.TcpReadOctets];
    private int _from;
    private int _to;

    public override OutboundFrame Close => StreamFraming.Tcp.Close;

    public override bool NeedsPings => true;

    public override int Waiting => _batch.Waiting;

    public override async ValueTask<ClientInput> ReceiveAsync(int maximum, CancellationToken cancellation)
    {
        while (true)
        {
            if (_from == _to)
            {
                _from = 0;
                _to = 0;
                _to = await _batch.ReadAsync(_chunk, cancellation);
                // Without an end tag the stream is broken, and the session may be resumed.
                if (_to == 0) return new ClientInput(ClientInputKind.Closed, 0);
                Heard?.Invoke();
            }

            var part = _reader.Read(_chunk.AsSpan(_from, _to - _from), maximum, out var consumed);
            _from += consumed;
            if (part.Kind != XmppStreamPartKind.Incomplete) return new ClientInput(ClientInputKind.Part, part.Octets + part.Space) { Part = part };
            if (part.Space > 0) return new ClientInput(ClientInputKind.Space, part.Space);
        }
    }

    public override void Restart() => _reader.Restart();

    public override async ValueTask DrainAsync(CancellationToken cancellation)
    {
        while (await _batch.ReadAsync(_chunk, cancellation) > 0)
        {
            // What a client still says does not count.
        }
    }

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        await _batch.WriteAsync(frame, cancellation);
        await _batch.FlushAsync(cancellation);
    }

    public override void BeginBatch() => _batch.Begin();

    public override ValueTask EndBatchAsync(CancellationToken cancellation) => _batch.EndAsync(cancellation);

    // RFC 6120 section 4.4: the end of the stream, then that of TLS.
    public override Task CloseOutputAsync(SessionEndReason reason, CancellationToken cancellation) => secured.ShutdownAsync().WaitAsync(cancellation);

    public override void Abort() => abort();

    public void Dispose() => _batch.Dispose();
}
