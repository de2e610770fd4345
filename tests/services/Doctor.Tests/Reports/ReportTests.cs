using System.Text.Json;
using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Tests.Reports;

public sealed class ReportTests
{
    [Fact]
    public void A_line_says_state_name_what_was_seen_and_what_to_do()
    {
        Assert.Equal("failed   udp                 no answer: set JVB_ADVERTISE_IPS", Report.Line(CheckResult.Failed("udp", "no answer", "set JVB_ADVERTISE_IPS")));
        Assert.Equal("ok       page                answers", Report.Line(CheckResult.Ok("page", "answers")));
    }

    [Fact]
    public void Warnings_and_what_was_not_tried_leave_it_healthy_and_a_failure_does_not()
    {
        var report = new Report();
        report.AddRange([CheckResult.Ok("a", ""), CheckResult.Warning("b", ""), CheckResult.Skipped("c", "")]);
        Assert.True(report.IsHealthy);
        report.Add(CheckResult.Failed("d", ""));
        Assert.False(report.IsHealthy);
        Assert.Equal("1 ok, 1 warnings, 1 failed, 1 not tried", report.Summary());
    }

    [Fact]
    public void The_json_form_has_everything_that_the_lines_have()
    {
        var report = new Report();
        report.Add(CheckResult.Failed("udp", "no \"answer\"", "open it"));
        using var json = JsonDocument.Parse(report.ToJson("https://x/"));
        var check = Assert.Single(json.RootElement.GetProperty("checks").EnumerateArray());
        Assert.Equal(("https://x/", false), (json.RootElement.GetProperty("url").GetString(), json.RootElement.GetProperty("healthy").GetBoolean()));
        Assert.Equal(("udp", "failed", "no \"answer\"", "open it"), (Text(check, "name"), Text(check, "state"), Text(check, "seen"), Text(check, "advice")));

        static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
    }
}
