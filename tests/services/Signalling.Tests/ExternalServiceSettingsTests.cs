using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Modules.ExternalServices;

namespace JitsiMesh.Signalling.Tests;

public sealed class ExternalServiceSettingsTests
{
    private static readonly DateTimeOffset Now = new(2026, 8, 24, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Nothing_is_told_of_where_nothing_is_set()
    {
        var options = Read();
        Assert.Empty(TurnCredentials.List(options, Now));
        Assert.False(ExternalServiceSettings.LacksCredentials(options));
    }

    [Theory]
    [InlineData("TURN_HOST=a", "turn:a:443 tcp")]
    [InlineData("TURN_HOST=a,b TURN_PORT=3478 TURN_TRANSPORT=udp", "turn:a:3478 udp, turn:b:3478 udp")]
    [InlineData("TURN_HOST=a TURN_TRANSPORT=both", "turn:a:443 tcp, turn:a:443 udp")]
    [InlineData("TURN_HOST=a TURN_TRANSPORT=tcp,udp", "turn:a:443 tcp, turn:a:443 udp")]
    [InlineData("TURNS_HOST=a TURNS_PORT=5349", "turns:a:5349 tcp")]
    [InlineData("STUN_HOST=s STUN_PORT=3478 TURNS_HOST=t", "stun:s:3478 udp, turns:t:443 tcp")]
    [InlineData("TURN_HOST=a:5000,[2001:db8::1]:6000,2001:db8::2", "turn:a:5000 tcp, turn:2001:db8::1:6000 tcp, turn:2001:db8::2:443 tcp")]
    public void Servers_are_told_of_as_the_settings_say(string settings, string expected) =>
        Assert.Equal(expected, string.Join(", ", TurnCredentials.List(Read(settings), Now).Select(service => $"{service} {service.Transport}")));

    [Fact]
    public void Credentials_are_made_of_the_secret_or_are_one_users_and_none_for_stun()
    {
        var made = TurnCredentials.List(Read("STUN_HOST=s TURN_HOST=t TURN_CREDENTIALS=secret TURN_TTL=3600"), Now);
        Assert.Null(made[0].Username);
        Assert.Equal(Now.AddHours(1).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture), made[1].Username);
        Assert.Equal(TurnCredentials.Password("secret", made[1].Username!), made[1].Password);
        Assert.Equal(Now.AddHours(1), made[1].Expires);

        var one = TurnCredentials.List(Read("TURN_HOST=t TURN_USERNAME=u TURN_PASSWORD=p"), Now)[0];
        Assert.Equal(("u", "p", null), (one.Username, one.Password, one.Expires));
    }

    [Fact]
    public void What_is_missing_is_said()
    {
        Assert.True(ExternalServiceSettings.LacksCredentials(Read("TURN_HOST=t")));
        Assert.False(ExternalServiceSettings.LacksCredentials(Read("STUN_HOST=t")));
        Assert.Contains("TURN_PASSWORD", Assert.Throws<SettingsException>(() => Read("TURN_HOST=t TURN_USERNAME=u")).Message, StringComparison.Ordinal);
        Assert.Contains("TURN_HOST", Assert.Throws<SettingsException>(() => Read("TURN_HOST=t:none")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resume_id_names_its_node()
    {
        var router = new SignallingFeatures(new SignallingOptions()).CreateRouter(new SeededRandomSource(1), "0123456789");
        Assert.Matches("^0123456789-[0-9a-f]{32}$", router.NewResumeId());
    }

    private static SignallingOptions Read(string settings = "")
    {
        var options = new SignallingOptions();
        ExternalServiceSettings.Apply(MeshSettings.From(settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => new KeyValuePair<string, string?>(pair[0], pair[1]))), options);
        return options;
    }
}
