using System.Net;
using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Turn;
using JitsiMesh.Turn.Client;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.EdgeProxy.Tests.Turn;

/// <summary>TURN and HTTP on the same ports, over real sockets.</summary>
public sealed class TurnDemultiplexerTests
{
    [Fact]
    public async Task The_relay_answers_on_each_port_in_each_way()
    {
        await using var edge = await RunningRelay.StartAsync();
        var ways = new (string Name, Func<Task<RelayClient>> Open)[]
        {
            ("plain on the HTTP port", () => edge.TcpAsync(edge.HttpPort)),
            ("plain on the HTTPS port", () => edge.TcpAsync(edge.HttpsPort)),
            ("TLS that says so", () => edge.TlsAsync("stun.turn")),
            ("TLS that says it among others", () => edge.TlsAsync("http/1.1", "stun.turn", "stun.nat-discovery")),
            ("TLS that says nothing", () => edge.TlsAsync()),
            ("UDP", edge.UdpAsync),
        };
        foreach (var (name, open) in ways)
        {
            await using var client = await open();
            await client.EchoesAsync(edge.Bridge, name);
        }

        Assert.True(edge.Relay.Counters.OctetsToPeers > 0);
        Assert.Equal(edge.Relay.Counters.OctetsToPeers, edge.Relay.Counters.OctetsToClients);
        Assert.Equal(ways.Length, edge.Relay.Counters.AllocationsMade);

        // Connections that are over took their allocations with them; the one over UDP lives on.
        Assert.True(await RunningRelay.ComesAsync(() => edge.Relay.Counters.Allocations == 1));
    }

    [Fact]
    public async Task HTTP_goes_on_as_before_whether_ALPN_says_it_or_not()
    {
        await using var edge = await RunningRelay.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await edge.Http.GetAsync(new Uri("/", UriKind.Relative))).StatusCode);
        foreach (var protocols in new string[][] { [], ["http/1.1"], ["h3", "http/1.1"] })
        {
            await using var stream = await edge.TlsStreamAsync(protocols);
            foreach (var part in new[] { "G", "ET / HTT", "P/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" }) await stream.WriteAsync(Encoding.ASCII.GetBytes(part));
            using var reader = new StreamReader(stream);
            Assert.StartsWith("HTTP/1.1 200", await reader.ReadLineAsync(), StringComparison.Ordinal);
        }

        using var http2 = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=JitsiMesh self-signed" } });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{edge.HttpsPort}/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        Assert.Equal(HttpStatusCode.OK, (await http2.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_message_may_come_octet_by_octet_and_several_at_once()
    {
        await using var edge = await RunningRelay.StartAsync();
        await using var client = await edge.TcpAsync(edge.HttpsPort);
        foreach (var octet in client.Messages.Allocate()) await client.Stream.WriteAsync(new[] { octet });
        Assert.Equal(TurnErrorCode.Unauthenticated, client.Messages.Read(await client.ReadAsync())!.Error);
        await client.EchoesAsync(edge.Bridge, "slow");
        var several = Enumerable.Range(0, 20).SelectMany(i => TurnClientMessages.Channel(0x4000, Encoding.ASCII.GetBytes("packet " + i))).ToArray();
        await client.Stream.WriteAsync(several.AsMemory(0, several.Length - 3));
        await client.Stream.WriteAsync(several.AsMemory(several.Length - 3));
        var back = new List<string>();
        for (var i = 0; i < 20; i++) back.Add(await client.ReceiveAsync());
        Assert.Equal(Enumerable.Range(0, 20).Select(i => "packet " + i), back);
    }

    [Fact]
    public async Task Nobody_but_the_bridge_is_reached()
    {
        await using var edge = await RunningRelay.StartAsync();
        await using var client = await edge.TlsAsync();
        Assert.Equal(0, (await client.SaysAsync(() => client.Messages.Allocate())).Error);
        foreach (var (address, port) in new[] { ("127.0.0.1", edge.HttpPort), ("127.0.0.2", edge.Bridge.Port), ("169.254.169.254", 80), ("10.0.0.1", 10000) })
        {
            Assert.True(TransportAddress.TryParse(address, port, out var peer));
            Assert.Equal(TurnErrorCode.Forbidden, (await client.SaysAsync(() => client.Messages.BindChannel(0x4000, peer))).Error);
        }

        Assert.Equal(4, edge.Relay.Counters.Refused(TurnRefusal.Peer));
    }

    [Fact]
    public async Task What_cannot_be_read_ends_its_own_connection_alone()
    {
        await using var edge = await RunningRelay.StartAsync();
        await using var bystander = await edge.TlsAsync();
        await bystander.EchoesAsync(edge.Bridge, "before");
        foreach (var garbage in new byte[][] { [0, 0, 0xFF, 0xFF], [1, 1, 0, 3], [0, 3, 0, 8, .. new byte[24], 0xC0, 0, 0, 0] })
        {
            await using var mallory = await edge.TcpAsync(edge.HttpPort);
            await mallory.Stream.WriteAsync(garbage);
            Assert.True(await mallory.IsClosedAsync());
        }

        // Asking without end for what one does not get.
        await using var guesser = await edge.TcpAsync(edge.HttpPort);
        try
        {
            for (var i = 0; i < 40; i++) await guesser.Stream.WriteAsync(guesser.Messages.Allocate());
        }
        catch (IOException)
        {
            // It was closed before all was said.
        }

        Assert.True(await guesser.IsClosedAsync());
        await bystander.SendAsync("after");
        Assert.Equal("after", await bystander.ReceiveAsync());
    }

    [Fact]
    public async Task Connections_without_an_allocation_end_in_time_and_those_with_one_stay()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var edge = await RunningRelay.StartAsync(time);
        await using var ann = await edge.TcpAsync(edge.HttpPort);
        await ann.EchoesAsync(edge.Bridge, "here");
        await using var silent = await edge.TcpAsync(edge.HttpPort);
        await using var silentBehindTls = await edge.TlsAsync();
        await using var half = await edge.TcpAsync(edge.HttpsPort);
        await half.Stream.WriteAsync(new byte[] { 0, 3, 0 });
        await using var challenged = await edge.TlsAsync("stun.turn");
        await challenged.Stream.WriteAsync(challenged.Messages.Allocate());
        Assert.Equal(TurnErrorCode.Unauthenticated, challenged.Messages.Read(await challenged.ReadAsync())!.Error);
        // The first to be waited for has been accepted by now, the silent ones perhaps not: HTTP's answers show that the listener has come to them.
        Assert.Equal(HttpStatusCode.OK, (await edge.Http.GetAsync(new Uri("/", UriKind.Relative))).StatusCode);
        time.Advance(TimeSpan.FromSeconds(21));
        Assert.True(await half.IsClosedAsync());
        Assert.True(await challenged.IsClosedAsync());
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(await silent.IsClosedAsync());
        Assert.True(await silentBehindTls.IsClosedAsync());
        await ann.SendAsync("still");
        Assert.Equal("still", await ann.ReceiveAsync());
    }

    [Fact]
    public async Task Ten_thousand_connections_of_garbage_do_not_keep_HTTP_or_a_call_from_going_on()
    {
        var connections = Environment.GetEnvironmentVariable("MESH_TEST_MODE") is "ci" or "full" ? 10_000 : 2_000;
        await using var edge = await RunningRelay.StartAsync();
        await using var ann = await edge.TlsAsync();
        await ann.EchoesAsync(edge.Bridge, "before");
        var random = new SeededRandomSource(0xBAD);
        byte[] firsts = [0, 1, 3, 0x16, 0x40, (byte)'G', 0xFF];
        for (var done = 0; done < connections; done += 200)
        {
            var batch = Enumerable.Range(0, 200).Select(_ =>
            {
                var bytes = new byte[random.NextInt(200)];
                random.Fill(bytes);
                if (bytes.Length > 0) bytes[0] = firsts[random.NextInt(firsts.Length)];
                return ThrowAsync(edge, random.NextInt(2) == 0 ? edge.HttpPort : edge.HttpsPort, bytes);
            }).ToList();
            Assert.Equal(HttpStatusCode.OK, (await edge.Http.GetAsync(new Uri("/", UriKind.Relative))).StatusCode);
            await ann.SendAsync("batch " + done);
            Assert.Equal("batch " + done, await ann.ReceiveAsync());
            await Task.WhenAll(batch);
        }

        Assert.Equal(1, edge.Relay.Counters.Allocations);
    }

    [Theory]
    [InlineData("MESH_TURN", "0")]
    [InlineData("MESH_TURN_SECRET", "")]
    public async Task Without_a_relay_the_ports_are_HTTPs_alone(string name, string value)
    {
        await using var edge = await RunningRelay.StartAsync(null, (name, value));
        Assert.False(edge.Relay.IsOn);
        await using var client = await edge.TcpAsync(edge.HttpPort);
        await client.Stream.WriteAsync(client.Messages.Allocate());
        Assert.True(await client.IsClosedAsync());
        await Assert.ThrowsAnyAsync<Exception>(() => edge.TlsStreamAsync("stun.turn"));
        Assert.Equal(HttpStatusCode.OK, (await edge.Http.GetAsync(new Uri("/", UriKind.Relative))).StatusCode);
    }

    private static async Task ThrowAsync(RunningRelay edge, int port, byte[] bytes)
    {
        try
        {
            await using var connection = await edge.TcpAsync(port);
            await connection.Stream.WriteAsync(bytes);
        }
        catch (IOException)
        {
            // Cut off: that is the edge's right.
        }
    }
}
