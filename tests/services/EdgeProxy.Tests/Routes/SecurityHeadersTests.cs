using JitsiMesh.EdgeProxy.Addresses;
using JitsiMesh.EdgeProxy.Routes;
using JitsiMesh.EdgeProxy.Tests.Kit;
using JitsiMesh.EdgeProxy.WebRoot;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.EdgeProxy.Tests.Routes;

public sealed class SecurityHeadersTests
{
    [Fact]
    public void Add_OwnClient_RunsScriptsOfItsOwnFilesAlone()
    {
        var policy = Policy("meet.example.com");

        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.Equal(1, policy.Split("unsafe-inline").Length - 1);
        Assert.EndsWith("connect-src 'self' wss://meet.example.com", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("frame-ancestors", policy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example; script-src *")]
    [InlineData("evil.example,script-src *")]
    [InlineData("evil.example'unsafe-inline'")]
    [InlineData("")]
    [InlineData("a b")]
    public void Add_HostThatIsMoreThanAHost_DoesNotComeIntoThePolicy(string host) => Assert.EndsWith("connect-src 'self'", Policy(host), StringComparison.Ordinal);

    [Theory]
    [InlineData("meet.example.com:8443", " wss://meet.example.com:8443")]
    [InlineData("[2001:db8::1]:8443", " wss://[2001:db8::1]:8443")]
    public void Add_HostWithPort_MayBeConnectedTo(string host, string expected) => Assert.EndsWith(expected, Policy(host), StringComparison.Ordinal);

    [Fact]
    public void Add_PublicUrl_MayBeConnectedTo() =>
        Assert.EndsWith(" https://call.example.com:444 wss://call.example.com:444", Policy("other", ("PUBLIC_URL", "https://call.example.com:444/")), StringComparison.Ordinal);

    [Theory]
    [InlineData("https://people.example:444/search", " https://people.example:444")]
    [InlineData("/people-search", "")]
    [InlineData("https://people.example;script-src/", "")]
    public void Add_ServiceThatKnowsPeople_MayBeAsked(string service, string expected)
    {
        Assert.EndsWith("connect-src 'self' wss://meet.example.com" + expected, Policy("meet.example.com", ("PEOPLE_SEARCH_URL", service)), StringComparison.Ordinal);
        Assert.EndsWith("connect-src 'self' wss://meet.example.com" + expected, Policy("meet.example.com", ("INVITE_SERVICE_URL", service)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "'none'")]
    [InlineData("http://etherpad:9001", "", "'self'")]
    [InlineData("", "https://pad.example:444/p/", "https://pad.example:444")]
    [InlineData("http://etherpad:9001", "https://pad.example/p/", "https://pad.example")]
    [InlineData("", "https://pad.example;script-src/p/", "'none'")]
    public void Add_SharedDocument_MayBeShownFromItsServerAlone(string inner, string outer, string expected)
    {
        var settings = new List<(string, string)>();
        if (inner.Length > 0) settings.Add(("ETHERPAD_URL_BASE", inner));
        if (outer.Length > 0) settings.Add(("ETHERPAD_PUBLIC_URL", outer));

        Assert.Contains($"; frame-src {expected}; ", Policy("meet.example.com", [.. settings]), StringComparison.Ordinal);
    }

    [Fact]
    public void Add_OperatorsScript_MayNameAnySecureServer()
    {
        var folder = Directory.CreateTempSubdirectory("jitsimesh-headers-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "web"));
            File.WriteAllText(Path.Combine(folder, "web", "custom-config.js"), "config.websocket = 'wss://elsewhere.example/xmpp-websocket';");

            Assert.EndsWith(" https: wss:", Policy("meet.example.com", ("CONFIG", folder)), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("none", "'none'")]
    [InlineData("'self'", "'self'")]
    [InlineData("self, https://portal.example *.intra.example:8443", "'self' https://portal.example *.intra.example:8443")]
    [InlineData("https:", "https:")]
    public void Add_FrameAncestors_AreThoseOfTheSetting(string value, string expected) =>
        Assert.EndsWith("; frame-ancestors " + expected, Policy("h", ("MESH_FRAME_ANCESTORS", value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("https://portal.example; script-src *")]
    [InlineData("none self")]
    [InlineData("data:")]
    [InlineData("self 'unsafe-inline'")]
    [InlineData("https://portal.example/path")]
    public void From_FrameAncestorsThatAreNone_StopTheService(string value) =>
        Assert.StartsWith("MESH_FRAME_ANCESTORS: ", Assert.Single(Assert.Throws<SettingsException>(() => Policy("h", ("MESH_FRAME_ANCESTORS", value))).Problems), StringComparison.Ordinal);

    [Fact]
    public async Task A_jitsi_meet_of_WEB_ROOT_keeps_its_inline_scripts()
    {
        await using var edge = await RunningEdge.StartAsync(null, ("MESH_FRAME_ANCESTORS", "https://portal.example"));

        var answer = await edge.Https.GetAsync(new Uri("/room", UriKind.Relative));

        Assert.Equal("object-src 'none'; base-uri 'self'; frame-ancestors https://portal.example", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("strict-origin-when-cross-origin", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Contains("interest-cohort=()", answer.Headers.GetValues("Permissions-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("camera", answer.Headers.GetValues("Permissions-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operators_policy_replaces_ours_but_not_who_may_embed()
    {
        await using var edge = await RunningEdge.StartAsync(null, ("CSP_HEADER", "default-src https:"), ("MESH_FRAME_ANCESTORS", "self"));

        var answer = await edge.Https.GetAsync(new Uri("/room", UriKind.Relative));

        Assert.Equal(["default-src https:", "frame-ancestors 'self'"], answer.Headers.GetValues("Content-Security-Policy"));
    }

    private static string Policy(string host, params (string Name, string Value)[] values)
    {
        var settings = MeshSettings.From(values.Append(("CONFIG", Path.GetTempPath())).DistinctBy(v => v.Item1).Select(v => KeyValuePair.Create(v.Item1, (string?)v.Item2)));
        var folder = new WebFolder(settings);
        var context = new DefaultHttpContext();
        context.Request.Scheme = "https";
        context.Request.Host = new HostString(host);
        new SecurityHeaders(settings, folder, new ConfigScript(settings, folder, new PublicBase(settings)), new OutsideServices(null!, settings, NullLogger<OutsideServices>.Instance)).Add(context.Request, context.Response.Headers);
        return context.Response.Headers.ContentSecurityPolicy.Single()!;
    }
}
