using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using JitsiMesh.Acme.Challenges;

namespace JitsiMesh.Acme.Tests;

public sealed class ChallengeTests
{
    [Fact]
    public void The_certificate_of_TLS_ALPN_has_one_name_and_the_hash_in_a_critical_extension()
    {
        using var certificate = TlsAlpnCertificate.Create("meet.example.org", "token.thumb", new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

        var extension = certificate.Extensions.Single(e => e.Oid!.Value == "1.3.6.1.5.5.7.1.31");
        Assert.True(extension.Critical);
        Assert.Equal(SHA256.HashData("token.thumb"u8), new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadOctetString());
        Assert.Equal(["meet.example.org"], certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames());
        Assert.True(certificate.HasPrivateKey);
    }

    [Theory]
    [InlineData("acme-tls/1", "Meet.Example.org", true)]
    [InlineData("acme-tls/1", "", false)]
    [InlineData("h2,http/1.1", "meet.example.org", false)]
    [InlineData("acme-tls/1,h2", "meet.example.org", false)]
    [InlineData("", "meet.example.org", false)]
    public async Task A_ClientHello_of_a_real_client_is_told_apart(string protocols, string name, bool isAcme)
    {
        var hello = await HelloAsync(protocols, name);

        Assert.Equal(isAcme, ClientHello.IsAcme(hello, out var seen));
        if (isAcme) Assert.Equal("meet.example.org", seen);
        for (var length = 0; length < hello.Length; length++) Assert.Null(ClientHello.IsAcme(hello.AsSpan(0, length), out _));
    }

    [Fact]
    public void What_is_no_TLS_is_told_at_its_first_octet()
    {
        Assert.False(ClientHello.IsAcme("GET / HTTP/1.1"u8, out _));
        Assert.False(ClientHello.IsAcme([22, 3, 1, 0xff, 0xff], out _));
    }

    private static async Task<byte[]> HelloAsync(string protocols, string name)
    {
        var sent = new Recorder();
        await using var client = new SslStream(sent);
        var options = new SslClientAuthenticationOptions { TargetHost = name };
        if (protocols.Length > 0) options.ApplicationProtocols = [.. protocols.Split(',').Select(p => new SslApplicationProtocol(p))];
        await Assert.ThrowsAnyAsync<IOException>(() => client.AuthenticateAsClientAsync(options));
        return sent.Written.ToArray();
    }

    /// <summary>A connection whose other end has gone.</summary>
    private sealed class Recorder : Stream
    {
        public MemoryStream Written { get; } = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => 0; set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => 0;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(0);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Written.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Written.Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
