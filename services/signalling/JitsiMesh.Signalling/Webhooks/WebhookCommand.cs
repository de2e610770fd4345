using System.Net.Sockets;
using System.Security.Authentication;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Modules.RoomEvents;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Outbound;

namespace JitsiMesh.Signalling.Webhooks;

/// <summary><c>webhook test</c>: one signed event to each receiver of the settings of this process, and a line for each. It ends with 0 where all accept it, with 1 where not, with 2 where it was called wrongly.</summary>
public static class WebhookCommand
{
    /// <summary>The type of the event. It has no data.</summary>
    public const string EventType = "webhook.test";

    private const string Name = "webhook";
    private const string Usage = """
        usage: webhook test
          sends one signed event of type webhook.test to each address of MESH_WEBHOOK_URLS, and says what became of it; exit code 0 where all accept it
        """;

    public static bool Handles(IReadOnlyList<string> args) => args is [Name, ..];

    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return await RunAsync([.. args.Skip(1)], () => MeshSettings.FromEnvironment("signalling"), TimeProvider.System, Console.Out, Console.Error);
    }

    internal static async Task<int> RunAsync(string[] args, Func<MeshSettings> readSettings, TimeProvider time, TextWriter output, TextWriter errors)
    {
        if (args is not ["test"])
        {
            var isAsked = args is ["--help"] or ["-h"] or ["test", "--help"] or ["test", "-h"];
            await (isAsked ? output : errors).WriteLineAsync(Usage);
            return isAsked ? 0 : 2;
        }

        WebhookPlan plan;
        try
        {
            plan = WebhookPlan.Read(readSettings());
        }
        catch (SettingsException refusal)
        {
            foreach (var problem in refusal.Problems) await output.WriteLineAsync("failed  settings: " + problem);
            return 1;
        }

        foreach (var problem in plan.Problems) await output.WriteLineAsync("failed  settings: " + problem);
        if (plan.Problems.Count > 0) return 1;
        if (plan.IsOn) return await TestAsync(plan, time, output);
        await output.WriteLineAsync($"failed  settings: {KnownSettings.WebhookUrls.Name} is not set: nobody is told");
        return 1;
    }

    private static async Task<int> TestAsync(WebhookPlan plan, TimeProvider time, TextWriter output)
    {
        var clock = new MeshClock(time);
        using var sender = new WebhookSender(plan, clock);
        var body = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", EventType);
            writer.WriteString("timestamp", RoomEventJson.Time(clock.Now.Utc));
            writer.WriteStartObject("data");
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
        var id = "msg_" + SecureRandomSource.Instance.NextHex(SignallingLimits.RoomEventIdDigits);
        var tests = plan.Receivers.Select(async receiver =>
        {
            var begun = time.GetTimestamp();
            var answer = await sender.SendAsync(receiver, id, body, CancellationToken.None);
            return (Answer: answer, Took: time.GetElapsedTime(begun));
        }).ToList();
        var code = 0;
        foreach (var (receiver, test) in plan.Receivers.Zip(tests))
        {
            var (answer, took) = await test;
            var (said, setting) = Explain(answer, plan);
            if (setting is not null) code = 1;
            await output.WriteLineAsync(FormattableString.Invariant($"{(setting is null ? "ok    " : "failed")}  {receiver}: {said}, in {(long)took.TotalMilliseconds} ms{setting}"));
        }

        return code;
    }

    /// <summary>What became of it, and where it was not accepted what to look at, which may be nothing of ours.</summary>
    private static (string Said, string? LookAt) Explain(OutboundAnswer answer, WebhookPlan plan)
    {
        var status = (int)answer.Begun;
        var said = FormattableString.Invariant($"status {status}");
        return status switch
        {
            >= 200 and < 300 => (said, null),
            >= 300 and < 400 => (said + ", a redirect, which is not followed", LookAt(KnownSettings.WebhookUrls.Name)),
            400 or 401 or 403 => (said, LookAt($"{KnownSettings.WebhookSecret.Name}: the receiver may verify with another one")),
            404 or 405 => (said, LookAt(KnownSettings.WebhookUrls.Name)),
            410 => (said + ": the receiver wants no more", LookAt(KnownSettings.WebhookUrls.Name)),
            > 0 => (said, " (look at the receiver)"),
            _ when answer.Failure == OutboundFailure.Timeout => (FormattableString.Invariant($"no answer within {plan.Timeout.TotalSeconds} s"), LookAt($"{KnownSettings.WebhookTimeout.Name}, {KnownSettings.WebhookUrls.Name}")),
            _ => (Describe(answer.Cause), LookAt(KnownSettings.WebhookUrls.Name)),
        };
    }

    private static string LookAt(string setting) => $" (look at {setting})";

    // The causes of causes say it best: they are about addresses and certificates, and repeat neither path nor query.
    private static string Describe(Exception? cause)
    {
        for (var one = cause; one is not null; one = one.InnerException)
        {
            if (one is AuthenticationException) return $"the TLS handshake failed: {one.Message}";
            if (one is SocketException socket) return $"no connection: {socket.Message}";
        }

        return cause is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? "the TLS handshake failed" : "the connection broke before an answer";
    }
}
