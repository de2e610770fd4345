using JitsiMesh.EdgeProxy.Routes;
using JitsiMesh.EdgeProxy.Tests.Kit;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.EdgeProxy.Tests.Routes;

/// <summary>RFC 7239 section 4, and what is not of it.</summary>
public sealed class ForwardedElementsTests
{
    [Theory]
    // Forwarded | X-Forwarded-For | -Proto | -Host
    [InlineData("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60", "http", "")]
    [InlineData("For=\"[2001:db8:cafe::17]:4711\"", "[2001:db8:cafe::17]:4711", "", "")]
    [InlineData("for=192.0.2.43, for=198.51.100.17;proto=https;host=\"meet.example.com:444\"", "192.0.2.43, 198.51.100.17", "https", "meet.example.com:444")]
    [InlineData("for=192.0.2.43;proto=https , for=198.51.100.17;PROTO=http", "192.0.2.43, 198.51.100.17", "https, http", "")]
    [InlineData("for=_hidden, for=198.51.100.17", "198.51.100.17", "", "")]
    [InlineData("for=192.0.2.43, for=unknown", "", "", "")]
    [InlineData("proto=https;;host=a", "", "https", "a")]
    [InlineData("for=\"192.0.2.1\\\"", "", "", "")]
    [InlineData("for=\"1.2.3.4, 5.6.7.8\"", "", "", "")]
    [InlineData("for=192.0.2.43 for=198.51.100.17", "", "", "")]
    [InlineData("nonsense", "", "", "")]
    [InlineData("for=", "", "", "")]
    [InlineData("=,;=", "", "", "")]
    [InlineData("", "", "", "")]
    public void Translate_OneHeader_IsWhatTheNearestProxiesTell(string forwarded, string addresses, string schemes, string hosts)
    {
        var headers = new HeaderDictionary { ["Forwarded"] = forwarded };

        ForwardedElements.Translate(headers);

        Assert.Equal((addresses, schemes, hosts), (headers["X-Forwarded-For"].ToString(), headers["X-Forwarded-Proto"].ToString(), headers["X-Forwarded-Host"].ToString()));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "198.51.100.7")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("X-Forwarded-Host", "meet.example.com")]
    public void Translate_BesideTheOlderHeaders_IsAClientsInvention(string name, string value)
    {
        var headers = new HeaderDictionary { ["Forwarded"] = "for=192.0.2.60;proto=http;host=evil.example", [name] = value };

        ForwardedElements.Translate(headers);

        Assert.Equal(value, headers[name].ToString());
        Assert.Equal(2, headers.Count);
    }

    [Fact]
    public void Translate_AnyText_EndsAndNeverThrows()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        const string Letters = "for=proto;,\"\\ 1.:[]_ab";
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => Letters[random.Next(Letters.Length)]));
            var headers = new HeaderDictionary { ["Forwarded"] = text };
            var failure = Record.Exception(() => ForwardedElements.Translate(headers));
            Assert.True(failure is null, $"seed {seed}: {text}");
        }
    }

    [Theory]
    [InlineData("127.0.0.1/32", "198.51.100.7")]
    [InlineData("192.0.2.0/24", "127.0.0.1")]
    public async Task The_header_counts_from_a_trusted_proxy_alone(string trusted, string expected)
    {
        await using var backend = await Backend.StartAsync("signalling");
        await using var edge = await RunningEdge.StartAsync(null, ("MESH_TRUSTED_PROXIES", trusted));
        await edge.ListAsync(backend);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_unlock");
        request.Headers.TryAddWithoutValidation("Forwarded", "for=198.51.100.7;proto=https");

        Assert.EndsWith(" " + expected, await (await edge.Http.SendAsync(request)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
