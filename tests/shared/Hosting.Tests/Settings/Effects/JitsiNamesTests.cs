using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Tests.Settings.Effects;

public sealed class JitsiNamesTests
{
    private static readonly string[] Services = ["signalling", "focus", "media-bridge", "sip-gateway", "recorder", "auth", "edge-proxy"];

    [Fact]
    public void Every_name_of_the_tables_says_what_it_does_and_which_service_says_so()
    {
        Assert.True(JitsiNames.All.Count >= 551, $"{JitsiNames.All.Count} names");
        foreach (var effect in JitsiNames.All.Values.Where(e => e.Kind != EffectKind.Acted))
        {
            Assert.Contains(effect.Service, Services);
            Assert.True(effect.Text.Length > 10 && !effect.Text.EndsWith('.'), effect.Name);
            if (effect.When.OtherName is { } other) Assert.True(JitsiNames.All.ContainsKey(other), $"{effect.Name} depends on {other}, which no table has");
        }
    }

    [Fact]
    public void What_is_acted_on_is_declared_and_what_is_declared_is_acted_on_or_said_not_to_be()
    {
        foreach (var effect in JitsiNames.All.Values)
        {
            if (effect.Kind is EffectKind.Acted or EffectKind.Partly) Assert.True(KnownSettings.All.ContainsKey(effect.Name), $"{effect.Name} is acted on, and no declaration has it");
            else if (KnownSettings.All.ContainsKey(effect.Name)) Assert.True(JitsiNames.HasNoEffectYet(effect.Name), $"{effect.Name} is declared, and called needless");
        }
    }

    [Theory]
    [InlineData("NAME")]
    [InlineData("NAME | maybe")]
    [InlineData("NAME | no-effect | set | edge-proxy |")]
    [InlineData("NAME | no-effect | sometimes | edge-proxy | nothing happens")]
    [InlineData("NAME | no-effect | set given | edge-proxy | nothing happens")]
    [InlineData("NAME | no-effect | not | edge-proxy | nothing happens")]
    [InlineData("name | acted")]
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
