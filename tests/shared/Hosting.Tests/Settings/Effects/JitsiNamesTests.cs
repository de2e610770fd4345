using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Tests.Settings.Effects;

public sealed class JitsiNamesTests
{
    private static readonly string[] Services = ["signalling", "focus", "media-bridge", "sip-gateway", "recorder", "auth", "edge-proxy"];

    [Fact]
    public void Every_name_of_the_list_says_what_it_does_and_which_service_says_so()
    {
        Assert.True(JitsiNames.All.Count > 100, $"{JitsiNames.All.Count} names");
        foreach (var effect in JitsiNames.All.Values.Concat(KnownSettings.All.Values.Select(setting => setting.Effect).OfType<NamedEffect>()))
        {
            Assert.Contains(effect.Service, Services);
            Assert.True(effect.Text.Length > 10 && !effect.Text.EndsWith('.'), effect.Name);
            if (effect.When.OtherName is { } other) Assert.True(JitsiNames.IsKnown(other), $"{effect.Name} depends on {other}, which no table has");

            // One service says everything that is not grave.
            if (effect.Kind is not (EffectKind.Stops or EffectKind.Partly)) Assert.Equal("edge-proxy", effect.Service);
        }
    }

    [Fact]
    public void What_is_declared_is_not_in_the_list_too() => Assert.DoesNotContain(JitsiNames.All.Keys, KnownSettings.All.ContainsKey);

    [Fact]
    public void A_dropped_name_names_its_successor_or_says_that_there_is_none()
    {
        foreach (var effect in JitsiNames.All.Values.Where(effect => effect.Kind == EffectKind.Dropped))
        {
            if (effect.Text.StartsWith("it has no successor: ", StringComparison.Ordinal)) continue;
            Assert.Matches("^its successors? (is|are) [A-Z_0-9]+", effect.Text);
            foreach (var name in effect.Text.Split(' ').Where(word => word.Length > 3 && word.All(c => c is '_' or (>= 'A' and <= 'Z') or (>= '0' and <= '9'))))
            {
                Assert.True(JitsiNames.IsKnown(name), $"{effect.Name}: its successor {name} is not known");
            }
        }
    }

    [Fact]
    public void An_older_name_names_a_declared_one() =>
        Assert.All(KnownSettings.All.Values.Where(setting => setting.Successor is not null), setting => Assert.True(KnownSettings.All.ContainsKey(setting.Successor!), setting.Name));

    [Theory]
    [InlineData("NAME")]
    [InlineData("NAME | maybe")]
    [InlineData("NAME | no-effect | set | edge-proxy |")]
    [InlineData("NAME | no-effect | sometimes | edge-proxy | nothing happens")]
    [InlineData("NAME | no-effect | set given | edge-proxy | nothing happens")]
    [InlineData("NAME | no-effect | not | edge-proxy | nothing happens")]
    [InlineData("NAME | acted")]
    [InlineData("name | no-effect | set | edge-proxy | nothing happens")]
    [InlineData("")]
    public void A_line_of_another_form_is_refused(string line) => Assert.False(JitsiNames.TryParse(line, out _));

    [Theory]
    // Condition | value | other | holds
    [InlineData("set", "x", null, true)]
    [InlineData("on", "1", null, true)]
    [InlineData("on", "true", null, true)]
    [InlineData("on", "enabled", null, true)]
    [InlineData("on", "No", null, false)]
    [InlineData("on", "0", null, false)]
    [InlineData("off", "false", null, true)]
    [InlineData("off", "1", null, false)]
    [InlineData("not focus,jicofo", "FOCUS", null, false)]
    [InlineData("not focus,jicofo", "other", null, true)]
    [InlineData("set given OTHER", "x", null, false)]
    [InlineData("set given OTHER", "x", "0", false)]
    [InlineData("set given OTHER", "x", "sip:a@b", true)]
    [InlineData("set given-off OTHER", "x", null, false)]
    [InlineData("set given-off OTHER", "x", "false", true)]
    [InlineData("set unless OTHER", "x", null, true)]
    [InlineData("set unless OTHER", "x", "1", true)]
    [InlineData("set unless OTHER", "x", "0", false)]
    [InlineData("modules", "muc_wait_for_host", null, true)]
    [InlineData("modules", "muc_meeting_id,speakerstats", null, false)]
    public void A_condition_holds_for_its_values(string condition, string value, string? other, bool holds)
    {
        Assert.True(EffectCondition.TryParse(condition, out var parsed));
        Assert.Equal(holds, parsed.Holds(value, name => name == "OTHER" ? other : null));
    }
}
