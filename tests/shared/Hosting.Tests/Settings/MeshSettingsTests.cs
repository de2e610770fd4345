using System.Net;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Hosting.Tests.Settings;

public sealed class MeshSettingsTests
{
    [Fact]
    public void From_Nothing_GivesTheTablesDefaults()
    {
        var settings = Load();

        Assert.Equal(new BindPort(null, 8000), settings.HttpPort);
        Assert.Equal(new BindPort(null, 8443), settings.HttpsPort);
        Assert.Equal(new BindPort(null, 10000), settings.JvbPort);
        Assert.Equal("meet.jitsi", settings.XmppDomain);
        Assert.Equal("auth.meet.jitsi", settings.XmppAuthDomain);
        Assert.Equal("muc.meet.jitsi", settings.XmppMucDomain);
        Assert.Equal("internal-muc.meet.jitsi", settings.XmppInternalMucDomain);
        Assert.Equal("guest.meet.jitsi", settings.XmppGuestDomain);
        Assert.Equal("hidden.meet.jitsi", settings.XmppHiddenDomain);
        Assert.Equal(IPAddress.Loopback, settings.ListenAddress);
        Assert.Equal("127.0.0.1", settings.AdvertiseHost);
        Assert.Null(settings.PublicUrl);
        Assert.Null(settings.Bus);
        Assert.Null(settings.Redis);
        Assert.Empty(settings.Warnings);
        Assert.Equal("unless-stopped", settings.Get(KnownSettings.RestartPolicy));
        Assert.Equal(LogVerbosity.Info, settings.Get(KnownSettings.LogLevel));
    }

    [Fact]
    public void All_EveryDeclaration_AcceptsItsOwnDefault()
    {
        foreach (var setting in KnownSettings.All.Values.Where(s => s.DefaultText.Length > 0))
        {
            Assert.True(setting.TryParse(setting.DefaultText, out _), setting.Name);
            Assert.NotEmpty(setting.Description);
            Assert.NotEmpty(setting.ReadBy);
        }
    }

    [Theory]
    [InlineData("JVB_PORT", "abc", "JVB_PORT: 'abc' is not a port from 0 to 65535, or address:port (default 10000)")]
    [InlineData("JVB_PORT", "70000", "JVB_PORT: '70000' is not a port from 0 to 65535, or address:port (default 10000)")]
    [InlineData("DISABLE_HTTPS", "disabled", "DISABLE_HTTPS: 'disabled' is not a boolean (1, 0, true, false, yes, no, on, off) (default 0)")]
    [InlineData("PUBLIC_URL", "http://meet.example.com", "PUBLIC_URL: 'http://meet.example.com' is not a URL that begins with https://")]
    [InlineData("PUBLIC_URL", "meet.example.com", "PUBLIC_URL: 'meet.example.com' is not a URL that begins with https://")]
    [InlineData("LOG_LEVEL", "loud", "LOG_LEVEL: 'loud' is not one of debug, info, warn, error (default info)")]
    [InlineData("LOG_LEVEL", "1", "LOG_LEVEL: '1' is not one of debug, info, warn, error (default info)")]
    [InlineData("RESTART_POLICY", "sometimes", "RESTART_POLICY: 'sometimes' is not one of no, always, on-failure, on-failure:N, unless-stopped (default unless-stopped)")]
    [InlineData("RESTART_POLICY", "on-failure:", "RESTART_POLICY: 'on-failure:' is not one of no, always, on-failure, on-failure:N, unless-stopped (default unless-stopped)")]
    [InlineData("DOCKER_HOST_ADDRESS", "my.host.example", "DOCKER_HOST_ADDRESS: 'my.host.example' is not a comma separated list of IP addresses, each with #port if it differs from JVB_PORT")]
    [InlineData("JVB_ADVERTISE_IPS", "192.168.1", "JVB_ADVERTISE_IPS: '192.168.1' is not a comma separated list of IP addresses, each with #port if it differs from JVB_PORT")]
    [InlineData("XMPP_DOMAIN", "meet jitsi", "XMPP_DOMAIN: 'meet jitsi' is not a domain name (letters, digits, dashes, dots) (default meet.jitsi)")]
    [InlineData("MESH_LISTEN_ADDRESS", "127.1", "MESH_LISTEN_ADDRESS: '127.1' is not an IP address, or any (default 127.0.0.1)")]
    [InlineData("MESH_LISTEN_ADDRESS", "eth0", "MESH_LISTEN_ADDRESS: 'eth0' is not an IP address, or any (default 127.0.0.1)")]
    [InlineData("MESH_BUS", "amqp://mesh:passw0rd@rabbitmq", "MESH_BUS: its password is the one that samples show (./gen-passwords.sh makes one)")]
    [InlineData("MESH_REDIS", "redis:6379,password=passw0rd", "MESH_REDIS: its password is the one that samples show (./gen-passwords.sh makes one)")]
    [InlineData("MESH_BUS", "http://user:hidden@rabbit", "MESH_BUS: the value (25 characters) is not memory, or amqp:// or amqps:// with credentials and RabbitMQ's nodes, each once (amqp://user:password@a:5672,b:5672)")]
    [InlineData("MESH_BUS", "amqp://user:hidden@a,,b", "MESH_BUS: the value (23 characters) is not memory, or amqp:// or amqps:// with credentials and RabbitMQ's nodes, each once (amqp://user:password@a:5672,b:5672)")]
    [InlineData("MESH_BUS", "amqp://user:hidden@a:5672,b:port", "MESH_BUS: the value (32 characters) is not memory, or amqp:// or amqps:// with credentials and RabbitMQ's nodes, each once (amqp://user:password@a:5672,b:5672)")]
    [InlineData("MESH_BUS", "amqp://user:hidden@a:5672,a:5672", "MESH_BUS: the value (32 characters) is not memory, or amqp:// or amqps:// with credentials and RabbitMQ's nodes, each once (amqp://user:password@a:5672,b:5672)")]
    [InlineData("MESH_BUS", "amqp://user:hidden@a,amqp://user:hidden@b", "MESH_BUS: the value (41 characters) is not memory, or amqp:// or amqps:// with credentials and RabbitMQ's nodes, each once (amqp://user:password@a:5672,b:5672)")]
    [InlineData("MESH_REDIS", "redis://:hidden@redis", "MESH_REDIS: the value (21 characters) is not memory, or host:port with options of StackExchange.Redis (a:26379,b:26379,serviceName=mesh,password=… asks Sentinels)")]
    [InlineData("MESH_REDIS", "redis:6379,pasword=hidden", "MESH_REDIS: the value (25 characters) is not memory, or host:port with options of StackExchange.Redis (a:26379,b:26379,serviceName=mesh,password=… asks Sentinels)")]
    [InlineData("MESH_REDIS", "serviceName=mesh,password=hidden", "MESH_REDIS: the value (32 characters) is not memory, or host:port with options of StackExchange.Redis (a:26379,b:26379,serviceName=mesh,password=… asks Sentinels)")]
    [InlineData("MESH_REDIS", "a:26379,serviceName=mesh,connectTimeout=hidden", "MESH_REDIS: the value (46 characters) is not memory, or host:port with options of StackExchange.Redis (a:26379,b:26379,serviceName=mesh,password=… asks Sentinels)")]
    public void From_WrongValue_SaysOneLineThatNamesTheVariable(string name, string value, string expected)
    {
        var refusal = Assert.Throws<SettingsException>(() => Load((name, value)));

        Assert.Equal(expected, Assert.Single(refusal.Problems));
    }

    [Fact]
    public void From_TwoWrongValues_SaysALineForEach()
    {
        var refusal = Assert.Throws<SettingsException>(() => Load(("JVB_PORT", "x"), ("HTTP_PORT", "y")));

        Assert.Equal(2, refusal.Problems.Count);
    }

    [Fact]
    public void From_RedirectWithoutHttps_IsRefused()
    {
        var refusal = Assert.Throws<SettingsException>(() => Load(("DISABLE_HTTPS", "1"), ("ENABLE_HTTP_REDIRECT", "true")));

        Assert.StartsWith("ENABLE_HTTP_REDIRECT", Assert.Single(refusal.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("TRUE", true)]
    [InlineData("Yes", true)]
    [InlineData("on", true)]
    [InlineData("t", true)]
    [InlineData("T", true)]
    [InlineData("0", false)]
    [InlineData("False", false)]
    [InlineData("no", false)]
    [InlineData("OFF", false)]
    [InlineData("f", false)]
    [InlineData("F", false)]
    [InlineData(" '1' ", true)]
    [InlineData("", false)]
    public void From_Booleans_HaveOneParser(string text, bool expected) =>
        Assert.Equal(expected, Load(("DISABLE_HTTPS", text)).Get(KnownSettings.DisableHttps));

    [Theory]
    [InlineData("on-failure:5", "on-failure:5")]
    [InlineData("Always", "always")]
    public void From_RestartPolicy_IsWhatComposeTakes(string text, string expected) =>
        Assert.Equal(expected, Load(("RESTART_POLICY", text)).Get(KnownSettings.RestartPolicy));

    [Fact]
    public void From_WrongValueOfANameThatNothingActsOn_IsAWarning()
    {
        var settings = Load(("JIBRI_RECORDING_FRAMERATE", "fast"));

        Assert.False(settings.IsSet(KnownSettings.JibriFramerate));
        Assert.Equal("JIBRI_RECORDING_FRAMERATE: 'fast' is not a number from 1 to 60 (default 30): ignored, since nothing acts on it in this version", Assert.Single(settings.Warnings));
        Assert.Throws<SettingsException>(() => Load(("ENABLE_AUTH", "perhaps")));
    }

    [Fact]
    public void For_AWrongValue_StopsTheServicesThatNeedItAlone()
    {
        var settings = MeshSettings.Read([new("JVB_PORT", "abc"), new("MESH_TRUSTED_PROXIES", "everybody"), new("LOG_LEVEL", "warn")]);

        Assert.StartsWith("JVB_PORT: ", Assert.Single(Assert.Throws<SettingsException>(() => settings.For("media-bridge")).Problems), StringComparison.Ordinal);
        foreach (var service in new[] { "signalling", "edge-proxy", "auth" })
        {
            Assert.StartsWith("MESH_TRUSTED_PROXIES: ", Assert.Single(Assert.Throws<SettingsException>(() => settings.For(service)).Problems), StringComparison.Ordinal);
        }

        foreach (var service in new[] { "focus", "recorder", "sip-gateway" }) Assert.Same(settings, settings.For(service));
        Assert.Equal(2, Assert.Throws<SettingsException>(() => settings.For("all-in-one")).Problems.Count);
        Assert.Equal(10000, settings.JvbPort.Port);
        Assert.Equal(LogVerbosity.Warn, settings.Get(KnownSettings.LogLevel));
    }

    [Fact]
    public void For_AWrongValueThatComposeAloneReads_IsAWarning()
    {
        var settings = MeshSettings.Read([new("RESTART_POLICY", "sometimes")]);

        foreach (var service in new[] { "edge-proxy", "all-in-one" }) Assert.Same(settings, settings.For(service));
        Assert.StartsWith("RESTART_POLICY: 'sometimes' is not one of", Assert.Single(settings.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    // COLIBRI_REST_ENABLED | JVB_ENABLE_APIS | whether the bridge shows its statistics
    [InlineData("", "", true)]
    [InlineData("0", "", false)]
    [InlineData("", "none", false)]
    [InlineData("", "rest,colibri", true)]
    [InlineData("1", "none", true)]
    [InlineData("0", "colibri", false)]
    public void BridgeStatistics_TheOlderName_CountsWhereTodaysIsUnset(string today, string older, bool shown) =>
        Assert.Equal(shown, Load(("COLIBRI_REST_ENABLED", today), ("JVB_ENABLE_APIS", older)).BridgeStatistics);

    [Theory]
    // MESH_MAX_CONNECTIONS | NGINX_WORKER_CONNECTIONS | NGINX_WORKER_PROCESSES | connections in all
    [InlineData("", "", "", 50000)]
    [InlineData("", "4096", "", 16384)]
    [InlineData("", "", "2", 1536)]
    [InlineData("", "1000000", "1024", 1024000000)]
    [InlineData("100", "4096", "8", 100)]
    public void MaxConnections_AreThoseOfNginxWorkersTogetherWhereTheirOwnNameIsUnset(string own, string connections, string processes, int expected) =>
        Assert.Equal(expected, Load(("MESH_MAX_CONNECTIONS", own), ("NGINX_WORKER_CONNECTIONS", connections), ("NGINX_WORKER_PROCESSES", processes)).MaxConnections);

    [Theory]
    // MESH_TRUSTED_PROXIES | PROSODY_TRUSTED_PROXIES | those of signalling
    [InlineData("", "", "127.0.0.0/8, ::1/128")]
    [InlineData("", "10.1.2.3, fd00::/8", "10.1.2.3/32, fd00::/8")]
    [InlineData("10.0.0.0/8", "192.0.2.1", "10.0.0.0/8")]
    public void ProxiesOfSignalling_TheOlderName_CountsWhereTodaysIsUnset(string today, string older, string expected) =>
        Assert.Equal(expected, string.Join(", ", Load(("MESH_TRUSTED_PROXIES", today), ("PROSODY_TRUSTED_PROXIES", older)).ProxiesOfSignalling));

    [Theory]
    [InlineData("[\"us-east\", \"us-west\"], [\"eu\"]", "us-east us-west|eu")]
    [InlineData("[['us-east','us-west'],['eu']]", "us-east us-west|eu")]
    [InlineData("['eu']", "eu")]
    public void From_RegionGroups_AreListsWithOrWithoutBracketsAroundThem(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', Load(("JICOFO_BRIDGE_REGION_GROUPS", text)).Get(KnownSettings.BridgeRegionGroups).Select(group => string.Join(' ', group))));

    [Fact]
    public void From_EmptyValue_IsTheDefault() => Assert.Equal(8000, Load(("HTTP_PORT", "  ")).HttpPort.Port);

    [Fact]
    public void From_PortWithAddress_BindsOnlyThere() =>
        Assert.Equal(new BindPort(IPAddress.Loopback, 8001), Load(("HTTP_PORT", "127.0.0.1:8001")).HttpPort);

    [Fact]
    public void From_PublicUrl_LosesItsTrailingSlash() =>
        Assert.Equal("https://meet.example.com:444", Load(("PUBLIC_URL", "https://meet.example.com:444/")).PublicUrl);

    [Fact]
    public void From_AnotherMainDomain_MovesTheDomainsBelowIt()
    {
        var settings = Load(("XMPP_DOMAIN", "Example.org"), ("XMPP_MUC_DOMAIN", "conference.example.org"));

        Assert.Equal("example.org", settings.XmppDomain);
        Assert.Equal("auth.example.org", settings.XmppAuthDomain);
        Assert.Equal("conference.example.org", settings.XmppMucDomain);
    }

    [Fact]
    public void From_RecorderDomain_IsTheHiddenDomainUntilTheNewNameIsSet()
    {
        Assert.Equal("recorder.x", Load(("XMPP_RECORDER_DOMAIN", "recorder.x")).XmppHiddenDomain);
        Assert.Equal("hidden.x", Load(("XMPP_RECORDER_DOMAIN", "recorder.x"), ("XMPP_HIDDEN_DOMAIN", "hidden.x")).XmppHiddenDomain);
    }

    [Fact]
    public void From_OldAndNewAdvertisedAddress_TakesTheNewAndNamesBoth()
    {
        var settings = Load(("DOCKER_HOST_ADDRESS", "192.168.1.1"), ("JVB_ADVERTISE_IPS", "203.0.113.4#10001, 2001:db8::1"));

        Assert.Equal([new AdvertisedAddress(IPAddress.Parse("203.0.113.4"), 10001), new AdvertisedAddress(IPAddress.Parse("2001:db8::1"), null)], settings.AdvertisedAddresses);
        Assert.Equal("DOCKER_HOST_ADDRESS: ignored, since its successor JVB_ADVERTISE_IPS is set too", Assert.Single(settings.Warnings));
    }

    [Theory]
    [InlineData("JVB_PROT", "JVB_PROT: not a known setting, ignored; did you mean JVB_PORT?")]
    [InlineData("XMPP_DOMIAN", "XMPP_DOMIAN: not a known setting, ignored; did you mean XMPP_DOMAIN?")]
    [InlineData("ENABEL_AUTH", "ENABEL_AUTH: not a known setting, ignored; did you mean ENABLE_AUTH?")]
    [InlineData("MESH_ZZZZZZZZZZZZZZZZZ", "MESH_ZZZZZZZZZZZZZZZZZ: not a known setting, ignored")]
    public void From_UnknownName_WarnsWithTheNearest(string name, string expected) =>
        Assert.Equal(expected, Assert.Single(Load((name, "1")).Warnings));

    [Theory]
    [InlineData("", "", "127.0.0.1", "127.0.0.1")]
    [InlineData("any", "signalling-1", "", "signalling-1")]
    [InlineData("*", "signalling-1", "", "signalling-1")]
    [InlineData("any", "", "", "the host's name")]
    [InlineData("0.0.0.0", "", "0.0.0.0", "the host's name")]
    [InlineData("::", "fd00::7", "", "[fd00::7]")]
    [InlineData("10.0.0.5", "", "10.0.0.5", "10.0.0.5")]
    [InlineData("fd00::5", "", "fd00::5", "[fd00::5]")]
    public void From_ListenAddress_IsWhereInnerPortsListenAndWhatOthersAreTold(string listen, string advertise, string expectedListen, string expectedHost)
    {
        var settings = Load(("MESH_LISTEN_ADDRESS", listen), ("MESH_ADVERTISE_HOST", advertise));

        Assert.Equal(expectedListen, settings.ListenAddress?.ToString() ?? "");
        Assert.Equal(expectedHost == "the host's name" ? Dns.GetHostName() : expectedHost, settings.AdvertiseHost);
        Assert.Equal(expectedListen, settings.InnerPort(KnownSettings.MeshGrpcPort).Address?.ToString() ?? "");
        Assert.Equal(IPAddress.Parse("192.0.2.1"), Load(("MESH_LISTEN_ADDRESS", listen), ("MESH_GRPC_PORT", "192.0.2.1:81")).InnerPort(KnownSettings.MeshGrpcPort).Address);
        Assert.Empty(settings.Warnings);
    }

    [Theory]
    [InlineData("", "10.0.0.5:8080", "8081", "10.0.0.5")]
    [InlineData("", "8080", "10.0.0.5:8081", "10.0.0.5")]
    [InlineData("", "[fd00::5]:8080", "[fd00::5]:8081", "[fd00::5]")]
    [InlineData("", "0.0.0.0:8080", "0.0.0.0:8081", "the host's name")]
    [InlineData("10.0.0.6", "10.0.0.5:8080", "8081", "10.0.0.6")]
    public void From_InnerPortsWithAnAddress_AreAdvertisedThere(string listen, string http, string grpc, string expectedHost) =>
        Assert.Equal(expectedHost == "the host's name" ? Dns.GetHostName() : expectedHost,
            Load(("MESH_LISTEN_ADDRESS", listen), ("MESH_HTTP_PORT", http), ("MESH_GRPC_PORT", grpc)).AdvertiseHost);

    [Theory]
    [InlineData("host.example", "", true)]
    [InlineData("host.example", "127.0.0.2", true)]
    [InlineData("host.example", "any", false)]
    [InlineData("localhost", "", false)]
    [InlineData("::1", "", false)]
    public void From_AdvertisedHostThatNothingListensOn_IsNamedByEveryService(string advertise, string listen, bool warned)
    {
        var settings = Load(("MESH_ADVERTISE_HOST", advertise), ("MESH_LISTEN_ADDRESS", listen));

        foreach (var service in new[] { "media-bridge", "signalling", "edge-proxy", "all-in-one" })
        {
            Assert.Equal(warned ? 1 : 0, settings.NoticesOf(service).Count(n => n.Text.StartsWith("MESH_ADVERTISE_HOST: ", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("amqp://mesh:0123456789@rabbit.example", "", "", true)]
    [InlineData("amqp://mesh:0123456789@10.0.0.9:5672", "127.0.0.1", "", true)]
    [InlineData("amqp://mesh:0123456789@10.0.0.9:5672", "", "10.0.0.5:8080", false)]
    [InlineData("amqp://mesh:0123456789@rabbit.example", "any", "", false)]
    [InlineData("amqp://mesh:0123456789@rabbit.example", "10.0.0.5", "", false)]
    [InlineData("amqp://mesh:0123456789@127.0.0.1:18000", "", "", false)]
    [InlineData("amqp://mesh:0123456789@127.0.0.1:18000,127.0.0.1:18001", "", "", false)]
    [InlineData("amqp://mesh:0123456789@127.0.0.1:18000,rabbit.example", "", "", true)]
    [InlineData("amqp://mesh:0123456789@[::1]", "", "", false)]
    [InlineData("memory", "", "", false)]
    public void From_BrokerElsewhereWithInnerPortsOnLoopback_IsNamedByEveryService(string bus, string listen, string http, bool warned)
    {
        var settings = Load(("MESH_BUS", bus), ("MESH_LISTEN_ADDRESS", listen), ("MESH_HTTP_PORT", http));

        foreach (var service in new[] { "media-bridge", "signalling", "edge-proxy", "all-in-one" })
        {
            Assert.Equal(warned ? 1 : 0, settings.NoticesOf(service).Count(n => n.Text.StartsWith("MESH_BUS: ", StringComparison.Ordinal)));
        }

        Assert.DoesNotContain(settings.Warnings, w => w.Contains("0123456789", StringComparison.Ordinal));
    }

    [Fact]
    public void From_ForeignName_SaysNothing() => Assert.Empty(Load(("PATH", "/bin"), ("HOME", "/root")).Warnings);

    [Fact]
    public void From_SecretFile_IsReadInPlaceOfTheVariable()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "0123456789abcdef\n");

            Assert.Equal("0123456789abcdef", Load(("JVB_AUTH_PASSWORD_FILE", path)).Get(KnownSettings.JvbAuthPassword));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void From_SecretFileThatCannotBeRead_StopsTheServicesThatNeedTheSecretAlone()
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "none");
        var settings = Load(("JVB_AUTH_PASSWORD_FILE", path));

        foreach (var service in new[] { "media-bridge", "focus" })
        {
            var refusal = Assert.Throws<SettingsException>(() => RequiredSecrets.Demand(service, settings.With([KeyValuePair.Create("JICOFO_AUTH_PASSWORD", (string?)"0123456789abcdef")])));
            Assert.StartsWith("JVB_AUTH_PASSWORD_FILE: ", Assert.Single(refusal.Problems), StringComparison.Ordinal);
        }

        RequiredSecrets.Demand("edge-proxy", settings);
        Assert.Contains("is not a file that can be read", Assert.Single(settings.Warnings), StringComparison.Ordinal);
        Assert.StartsWith("TURN_PASSWORD_FILE: ", Assert.Single(Assert.Throws<SettingsException>(() => Load(("TURN_PASSWORD_FILE", path))).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_Secrets_AreNotShown()
    {
        var described = Load(("JVB_AUTH_PASSWORD", "0123456789abcdef"), ("JVB_PORT", "10001")).Describe();

        Assert.Equal("***", described["JVB_AUTH_PASSWORD"]);
        Assert.Equal("10001", described["JVB_PORT"]);
    }

    [Theory]
    [InlineData("signalling", "JICOFO_AUTH_PASSWORD")]
    [InlineData("focus", "JICOFO_AUTH_PASSWORD", "JVB_AUTH_PASSWORD")]
    [InlineData("auth", "JICOFO_AUTH_PASSWORD")]
    [InlineData("media-bridge", "JVB_AUTH_PASSWORD")]
    [InlineData("sip-gateway")]
    [InlineData("recorder")]
    [InlineData("edge-proxy")]
    [InlineData("all-in-one")]
    public void Demand_MissingOrWeakSecret_StopsTheServicesThatNeedItAndNoOther(string service, params string[] needed)
    {
        var secrets = KnownSettings.All.Values.Where(s => s.ProvesService).Select(s => s.Name).ToList();
        Assert.True(secrets.Count >= 8);
        AssertProblems(Load(), "must be set for");
        foreach (var weak in new[] { "short", "passw0rd" }) AssertProblems(Load([.. secrets.Select(s => (s, weak))]), "is not a secret of at least 8 characters that no sample shows");
        RequiredSecrets.Demand(service, Load([.. needed.Select(s => (s, "0123456789abcdef"))]));
        RequiredSecrets.Demand(service, Load([.. secrets.Select(s => (s, needed.Contains(s) ? "0123456789abcdef" : "short"))]));

        void AssertProblems(MeshSettings settings, string text)
        {
            IReadOnlyList<string> problems = [];
            try
            {
                RequiredSecrets.Demand(service, settings);
            }
            catch (SettingsException refusal)
            {
                problems = refusal.Problems;
            }

            Assert.Equal(needed, problems.Select(p => p.Split(':')[0]));
            Assert.All(problems, p => Assert.Contains(text, p, StringComparison.Ordinal));
            Assert.DoesNotContain(problems, p => p.Contains("short", StringComparison.Ordinal) || p.Contains("passw0rd", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void From_WeakSecret_IsUnsetAndNamedWithoutItsText()
    {
        var settings = Load(("JVB_AUTH_PASSWORD", "hunter2"));

        Assert.False(settings.IsSet(KnownSettings.JvbAuthPassword));
        Assert.Equal("", settings.Get(KnownSettings.JvbAuthPassword));
        Assert.Contains("JVB_AUTH_PASSWORD: the value (7 characters)", Assert.Single(settings.Warnings), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", settings.Warnings[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("90 seconds", 90)]
    [InlineData("2m", 120)]
    public void From_Duration_TakesSecondsAndUnits(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Load(("MESH_DRAIN_TIMEOUT", text)).Get(KnownSettings.DrainTimeout));

    private static MeshSettings Load(params (string Name, string Value)[] values) =>
        MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value)));
}
