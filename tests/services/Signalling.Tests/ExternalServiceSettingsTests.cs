using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Modules.ExternalServices;
using JitsiMesh.Turn.Credentials;

namespace JitsiMesh.Signalling.Tests;

public sealed class ExternalServiceSettingsTests
{
    private const string Session = "ann@meet.jitsi/1";

    private static readonly DateTimeOffset Now = new(2026, 8, 24, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Nothing_is_told_of_where_nothing_is_set()
    {
        var options = Read();
        Assert.Empty(TurnCredentials.List(options, Session, Now));
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
        Assert.Equal(expected, string.Join(", ", TurnCredentials.List(Read(settings), Session, Now).Select(service => $"{service} {service.Transport}")));

    [Fact]
    public void Credentials_are_made_of_the_secret_or_are_one_users_and_none_for_stun()
    {
        var made = TurnCredentials.List(Read("STUN_HOST=s TURN_HOST=t TURN_CREDENTIALS=secret TURN_TTL=3600"), Session, Now);
        Assert.Null(made[0].Username);
        Assert.Equal(Now.AddHours(1).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture), made[1].Username);
        Assert.Equal(RestCredentials.Password("secret", made[1].Username!), made[1].Password);
        Assert.Equal(Now.AddHours(1), made[1].Expires);

        var one = TurnCredentials.List(Read("TURN_HOST=t TURN_USERNAME=u TURN_PASSWORD=p"), Session, Now)[0];
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

    [Theory]
    [InlineData("PUBLIC_URL=https://meet.example", "turns:meet.example:443 tcp")]
    [InlineData("PUBLIC_URL=https://meet.example:8443/sub MESH_TURN_UDP=3478", "turns:meet.example:8443 tcp, turn:meet.example:3478 udp")]
    [InlineData("PUBLIC_URL=https://[2001:db8::1] TURNS_HOST=far.example", "turns:far.example:443 tcp, turns:2001:db8::1:443 tcp")]
    [InlineData("PUBLIC_URL=https://meet.example DISABLE_HTTPS=1 MESH_TURN_UDP=3478", "turn:meet.example:3478 udp")]
    [InlineData("PUBLIC_URL=https://meet.example MESH_TURN=0", "")]
    [InlineData("MESH_TURN_UDP=3478", "")]
    public void The_edges_relay_is_told_of_where_people_find_it(string settings, string expected) =>
        Assert.Equal(expected, string.Join(", ", TurnCredentials.List(Read(settings, "secret"), Session, Now).Select(service => $"{service} {service.Transport}")));

    [Fact]
    public void Each_session_has_credentials_of_its_own_for_the_edges_relay_and_none_without_a_secret()
    {
        var options = Read("PUBLIC_URL=https://meet.example TURN_HOST=far.example TURN_CREDENTIALS=theirs", "secret");
        var ann = TurnCredentials.List(options, Session, Now).Single(service => service.Host == "meet.example");
        Assert.Equal($"{Now.AddDays(1).ToUnixTimeSeconds()}:{RestCredentials.UserOf("secret", Session)}", ann.Username);
        Assert.Equal(RestCredentials.Password("secret", ann.Username!), ann.Password);
        Assert.Equal(ann, TurnCredentials.List(options, Session, Now)[1]);
        Assert.NotEqual(ann.Username, TurnCredentials.List(options, "bob@meet.jitsi/1", Now)[1].Username);
        Assert.DoesNotContain("ann", ann.Username, StringComparison.Ordinal);
        Assert.Equal(RestCredentials.Password("theirs", TurnCredentials.List(options, Session, Now)[0].Username!), TurnCredentials.List(options, Session, Now)[0].Password);
        Assert.Empty(TurnCredentials.List(Read("PUBLIC_URL=https://meet.example", ""), Session, Now));
        Assert.False(ExternalServiceSettings.LacksCredentials(Read("PUBLIC_URL=https://meet.example", "secret")));
    }

    [Fact]
    public void A_resume_id_names_its_node()
    {
        var router = new SignallingFeatures(new SignallingOptions()).CreateRouter(new SeededRandomSource(1), "0123456789");
        Assert.Matches("^0123456789-[0-9a-f]{32}$", router.NewResumeId());
    }

    private static SignallingOptions Read(string text = "", string relaySecret = "")
    {
        var options = new SignallingOptions();
        var settings = MeshSettings.From(text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => new KeyValuePair<string, string?>(pair[0], pair[1])));
        ExternalServiceSettings.Apply(settings, options);
        ExternalServiceSettings.AddRelay(settings, relaySecret, options);
        return options;
    }
}
