using JitsiMesh.Hosting.Settings;
using JitsiMesh.Signalling.Modules.RoomEvents;
using JitsiMesh.Signalling.Webhooks;

namespace JitsiMesh.Signalling.Tests.Webhooks;

/// <summary>Webhooks as an operator sets them.</summary>
public sealed class WebhookPlanTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public void Unset_there_are_none_and_nothing_is_said()
    {
        var plan = Read(("MESH_WEBHOOK_SECRET", "short"), ("MESH_WEBHOOK_EVENTS", "nonsense"));
        Assert.False(plan.IsOn);
        Assert.Empty(plan.Problems);
        Assert.Empty(plan.Events);
    }

    [Fact]
    public void Addresses_and_a_secret_are_enough()
    {
        var plan = Read(("MESH_WEBHOOK_URLS", "https://hooks.example.org/meet?team=7, http://receiver:8080/hook,https://hooks.example.org/meet?team=7"), ("MESH_WEBHOOK_SECRET", Secret));
        Assert.True(plan.IsOn);
        Assert.Equal(["hooks.example.org", "receiver:8080"], plan.Receivers.Select(receiver => receiver.Name));
        Assert.Equal(RoomEventTypes.All.Order(StringComparer.Ordinal), plan.Events.Order(StringComparer.Ordinal));
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromHours(24)), (plan.Timeout, plan.RetryFor));
    }

    [Fact]
    public void Few_events_a_time_and_a_duration_can_be_named()
    {
        var plan = Read(("MESH_WEBHOOK_URLS", "https://a.example"), ("MESH_WEBHOOK_SECRET", Secret), ("MESH_WEBHOOK_EVENTS", "room.ended, room.created"), ("MESH_WEBHOOK_TIMEOUT", "3"), ("MESH_WEBHOOK_RETRY_FOR", "2h"));
        Assert.Equal(["room.created", "room.ended"], plan.Events.Order(StringComparer.Ordinal));
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromHours(2)), (plan.Timeout, plan.RetryFor));
    }

    [Theory]
    // Address | secret | events | the setting at fault
    [InlineData("https://a.example", "", "", "MESH_WEBHOOK_SECRET: with MESH_WEBHOOK_URLS it must be set")]
    [InlineData("https://a.example", "too-short", "", "MESH_WEBHOOK_SECRET")]
    [InlineData("a.example/hook", Secret, "", "MESH_WEBHOOK_URLS")]
    [InlineData("ftp://a.example/hook", Secret, "", "MESH_WEBHOOK_URLS")]
    [InlineData("https://user:s3cr3t-word@a.example/hook", Secret, "", "MESH_WEBHOOK_URLS")]
    [InlineData("https://a.example/hook#s3cr3t-word", Secret, "", "MESH_WEBHOOK_URLS")]
    [InlineData("https://a,https://b,https://c,https://d,https://e,https://f,https://g,https://h,https://i", Secret, "", "MESH_WEBHOOK_URLS")]
    [InlineData("https://a.example", Secret, "room.created,recording.ready", "MESH_WEBHOOK_EVENTS: 'recording.ready'")]
    public void What_cannot_be_right_stops_webhooks_alone_and_names_its_setting(string urls, string secret, string events, string problem)
    {
        var plan = Read(("MESH_WEBHOOK_URLS", urls), ("MESH_WEBHOOK_SECRET", secret), ("MESH_WEBHOOK_EVENTS", events));
        Assert.False(plan.IsOn);
        Assert.Empty(plan.Events);
        var said = Assert.Single(plan.Problems);
        Assert.StartsWith(problem, said, StringComparison.Ordinal);
        Assert.EndsWith("; no webhooks are sent", said, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", said, StringComparison.Ordinal);
        Assert.DoesNotContain("too-short", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_receiver_prints_its_host_and_stands_in_the_store_for_itself_without_its_address()
    {
        var receiver = WebhookReceiver.Of(new Uri("https://hooks.example.org/services/T0/s3cr3t?key=s3cr3t"));
        Assert.Equal("hooks.example.org", receiver.ToString());
        Assert.Matches("^[0-9a-f]{16}$", receiver.Key);
        Assert.NotEqual(receiver.Key, WebhookReceiver.Of(new Uri("https://hooks.example.org/services/T0/other")).Key);
    }

    private static WebhookPlan Read(params (string Name, string Value)[] settings) => WebhookPlan.Read(MeshSettings.From(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))));
}
