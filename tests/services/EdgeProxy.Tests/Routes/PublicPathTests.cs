using JitsiMesh.EdgeProxy.Addresses;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Kit.Processes;
using JitsiMesh.Xmpp;

namespace JitsiMesh.EdgeProxy.Tests.Routes;

public sealed class PublicPathTests
{
    private static readonly MeshSettings Settings = MeshSettings.From([]);

    [Theory]
    [InlineData("/", "", "", false)]
    [InlineData("/room", "", "room", false)]
    [InlineData("/Room", "", "Room", false)]
    [InlineData("//room", "", "room", false)]
    [InlineData("/acme/room", "acme", "room", false)]
    [InlineData("/acme/", "acme", "", false)]
    [InlineData("/a/b/c/d", "c", "d", false)]
    [InlineData("/config.js/room", "", "config.js/room", true)]
    [InlineData("/sessions", "", "sessions", true)]
    [InlineData("/acme/_load-test/x", "acme", "_load-test/x", true)]
    [InlineData("/room/room", "room", "room", false)]
    [InlineData("/images/room", "", "images/room", true)]
    [InlineData("/images", "", "images", false)]
    [InlineData("/a/b/config.js", "b", "config.js", true)]
    [InlineData("/acme/libs/x.js", "acme", "libs/x.js", true)]
    [InlineData("/acme/there.js", "acme", "there.js", true)]
    [InlineData("/oidc/login", "", "oidc/login", true)]
    [InlineData("/oidc", "", "oidc", false)]
    [InlineData("/acme/There.js", "acme", "There.js", false)]
    [InlineData("/Libs/x.js", "Libs", "x.js", false)]
    [InlineData("/a/conference-request/v1", "a", "conference-request/v1", true)]
    [InlineData("/HTTP-BIND", "", "HTTP-BIND", false)]
    [InlineData("/.well-known/acme-challenge/x", "", ".well-known/acme-challenge/x", true)]
    public void TryParse_WhatCanBeFound_IsItsTenantAndTheRest(string path, string tenant, string rest, bool reserved)
    {
        Assert.True(PublicPath.TryParse(path, withTenants: true, name => name == "there.js", out var parsed));
        Assert.Equal(new PublicPath(tenant, rest, reserved), parsed);
    }

    [Fact]
    public void The_list_of_the_web_client_is_the_one_of_the_edge()
    {
        var source = File.ReadAllText(Path.Combine(Tree.Root, "services", "web", "src", "conference", "reserved.ts"));
        var names = source[source.IndexOf("new Set([", StringComparison.Ordinal)..].Split('\'').Where((_, i) => i % 2 == 1);

        Assert.Equal(ReservedNames.Names.Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/a:b")]
    [InlineData("/a:b/room")]
    [InlineData("/acme/ro'om")]
    [InlineData("/acme/\"")]
    [InlineData("/.git/config")]
    [InlineData("/acme/.git")]
    [InlineData("/1/2/3/4/5/6/7/8/9/10/11/12/13")]
    public void TryParse_WhatNothingCanBeUnder_IsFalse(string path) => Assert.False(PublicPath.TryParse(path, withTenants: true, _ => false, out _));

    [Theory]
    [InlineData("acme", "acme")]
    [InlineData("Acme.Corp", "acme_corp")]
    [InlineData("a-b_c", "a-b_c")]
    [InlineData("B\u00DCRO", "b\u00FCro")]
    [InlineData("Bu\u0308ro", "b\u00FCro")]
    [InlineData("\u65E5\u672C", "\u65E5\u672C")]
    public void TryLabel_TenantOfLettersAndDigits_IsOneName(string tenant, string expected)
    {
        Assert.True(TenantName.TryLabel(tenant, Settings, out var label));
        Assert.Equal(expected, label);
    }

    [Theory]
    [InlineData("My Team")]
    [InlineData("a+b")]
    [InlineData("a[b")]
    [InlineData("a]b")]
    [InlineData("a%b")]
    [InlineData("a@b")]
    [InlineData("a<b")]
    [InlineData("a\\b")]
    [InlineData("a\r\nb")]
    [InlineData("a\u202Eb")]
    [InlineData("a\u200Bb")]
    [InlineData("\uD83D")]
    [InlineData("\uD83D\uDE00")]
    [InlineData("\uFF21")]
    [InlineData("a\uFFFE")]
    [InlineData("\uFFFF")]
    public void TryLabel_TenantWhoseRoomsNobodyCouldJoin_IsNone(string tenant) => Assert.False(TenantName.TryLabel(tenant, Settings, out _));

    [Fact]
    public void TryLabel_AnyTenant_IsAnAddressThatComesBackAsItIsOrNone()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var accepted = 0;
        var strange = new[] { '\uFFFE', '\uFFFF', '\uD800', '\uDFFF', '\uFDD0', '\u0130', '\u212A', '\u037E', '\u1FEF', '\uFF20', '\u3002' };
        for (var i = 0; i < 20_000; i++)
        {
            var tenant = string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => (char)(random.Next(20) == 0 ? strange[random.Next(strange.Length)] : random.Next(3) == 0 ? random.Next(1, 0x10000) : random.Next(0x21, 0x250))));
            if (!TenantName.TryLabel(tenant, Settings, out var label)) continue;
            accepted++;
            var address = $"room@{TenantName.MucDomain(label, Settings)}";
            Assert.True(Jid.TryParse(address, out var jid) && jid.ToString() == address, $"seed {seed}: {address}");
            Assert.False(label.AsSpan().ContainsAny(".[]@/"), $"seed {seed}: {label}");
            Assert.True(TenantName.TryLabel(label, Settings, out var again) && again == label, $"seed {seed}: {label}");
        }

        Assert.True(accepted > 500, $"seed {seed}: only {accepted}");
    }
}
