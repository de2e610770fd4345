using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;

namespace JitsiMesh.Doctor.Tests.Rules;

public sealed class ClientConfigTests
{
    private const string Script = """
        // Made from the settings of this server.
        var config = {
          "hosts": { "domain": "meet.jitsi", "muc": "muc.meet.jitsi" },
          "bosh": "https://meet.example.org/http-bind",
          "websocket": "wss://meet.example.org/xmpp-websocket",
          "resolution": 720
        };

        """;

    private static readonly Uri Page = new("https://meet.example.org/");

    [Fact]
    public void The_websocket_is_taken_before_bosh()
    {
        var config = Read(Script);
        Assert.Equal(("meet.jitsi", "muc.meet.jitsi", "wss://meet.example.org/xmpp-websocket"), (config.Domain, config.Muc, config.ServiceUrl));
        Assert.Equal(CheckState.Ok, Assert.Single(ClientConfigRules.Judge(config, Page, "meet.jitsi")).State);
    }

    [Fact]
    public void Assignments_after_the_object_win()
    {
        var config = Read(Script + "config.hosts.domain = 'talk.example';\nconfig.serviceUrl = \"wss://talk.example/xmpp-websocket\";\n");
        Assert.Equal(("talk.example", "wss://talk.example/xmpp-websocket"), (config.Domain, config.ServiceUrl));
    }

    [Fact]
    public void The_script_of_jitsis_web_container_is_read_too()
    {
        var config = Read("var config = {};\n\nconfig.hosts = {};\nconfig.hosts.domain = 'meet.jitsi';\nvar subdir = '';\nconfig.hosts.muc = 'muc.meet.jitsi';\nconfig.bosh = '/http-bind';\nconfig.websocket = 'wss://x/xmpp-websocket';\n");
        Assert.Equal("muc.meet.jitsi", config.Muc);
    }

    [Theory]
    [InlineData("alert(1)", "does not assign")]
    [InlineData("var config = { hosts: 1 };", "not JSON")]
    [InlineData("var config = {\"hosts\": {\"domain\": \"a\"}};", "hosts.muc")]
    [InlineData("var config = {", "not JSON")]
    [InlineData("", "does not assign")]
    public void What_no_client_could_use_is_refused_with_the_reason(string script, string reason)
    {
        Assert.False(ClientConfig.TryRead(script, out _, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://meet.example.org/http-bind", "https://meet.example.org/http-bind")]
    [InlineData("/meet/http-bind", "https://meet.example.org/meet/http-bind")]
    [InlineData("javascript:alert(1)", null)]
    public void Bosh_is_where_the_script_says(string said, string? expected) =>
        Assert.Equal(expected, ClientConfigRules.Bosh(new ClientConfig("d", "m", null, said, null, said), Page)?.ToString());

    [Fact]
    public void A_script_with_bosh_alone_is_told_what_that_means()
    {
        var config = Read(Script.Replace("\"websocket\": \"wss://meet.example.org/xmpp-websocket\",", "", StringComparison.Ordinal));
        var warning = Assert.Single(ClientConfigRules.Judge(config, Page, "meet.jitsi"));
        Assert.Equal(CheckState.Warning, warning.State);
        Assert.Contains("ENABLE_XMPP_WEBSOCKET", warning.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plain_socket_on_an_https_page_fails()
    {
        var results = ClientConfigRules.Judge(Read(Script.Replace("wss://", "ws://", StringComparison.Ordinal)), Page, null).ToList();
        Assert.Contains(results, r => r.State == CheckState.Failed && r.Advice!.Contains("PUBLIC_URL", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_server_and_another_domain_are_warnings()
    {
        var results = ClientConfigRules.Judge(Read(Script), new Uri("https://localhost:8443/"), "talk.example").ToList();
        Assert.Equal(2, results.Count);
        Assert.All(results, r => Assert.Equal(CheckState.Warning, r.State));
        Assert.Contains("PUBLIC_URL", results[0].Advice, StringComparison.Ordinal);
        Assert.Contains("XMPP_DOMAIN", results[1].Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wss://meet.example.org/xmpp-websocket", "wss://meet.example.org/xmpp-websocket")]
    [InlineData("/xmpp-websocket", "wss://meet.example.org/xmpp-websocket")]
    [InlineData(null, "wss://meet.example.org/xmpp-websocket")]
    public void The_socket_is_where_a_client_would_open_it(string? said, string expected) =>
        Assert.Equal(expected, ClientConfigRules.WebSocket(new ClientConfig("d", "m", null, said, said, null), Page).ToString());

    private static ClientConfig Read(string script)
    {
        Assert.True(ClientConfig.TryRead(script, out var config, out var problem), problem);
        return config;
    }
}
