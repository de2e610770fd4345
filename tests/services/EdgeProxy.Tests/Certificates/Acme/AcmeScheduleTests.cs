using JitsiMesh.Acme.Orders;
using JitsiMesh.EdgeProxy.Certificates.Acme;

namespace JitsiMesh.EdgeProxy.Tests.Certificates.Acme;

public sealed class AcmeScheduleTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_certificate_is_renewed_at_two_thirds_of_its_life_and_not_all_at_once()
    {
        var times = Enumerable.Range(0, 200).Select(i => AcmeSchedule.RenewalOf(Now, Now.AddDays(90), $"{i:X}")).ToList();
        Assert.All(times, t => Assert.InRange(t, Now.AddDays(60), Now.AddDays(64)));
        Assert.True(times.Distinct().Count() > 50);
        Assert.Equal(AcmeSchedule.RenewalOf(Now, Now.AddDays(90), "A"), AcmeSchedule.RenewalOf(Now, Now.AddDays(90), "A"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 6)]
    [InlineData(3, 24)]
    [InlineData(7, 24)]
    public void After_failed_orders_it_waits_1_then_6_then_24_hours(int failed, int hours)
    {
        var orders = Enumerable.Range(0, failed).Select(i => new OrderRecord(Now.AddDays(-2 * (failed - 1 - i)), null, OrderOutcome.Failed)).ToList();
        Assert.Equal(Now.AddHours(hours), AcmeSchedule.NextRequest(new AcmeState { Orders = orders }, Now));
    }

    [Fact]
    public void An_order_whose_process_died_before_it_heard_of_it_counts_as_failed_and_one_that_can_go_on_does_not_wait()
    {
        var at = Now.AddMinutes(-1);
        Assert.Equal(at.AddHours(1), AcmeSchedule.NextRequest(new AcmeState { Orders = [new OrderRecord(at, null, OrderOutcome.Open)] }, Now));
        var open = new AcmeState { Orders = [new OrderRecord(at, new Uri("https://ca.example/order/1"), OrderOutcome.Open)] };
        Assert.True(AcmeSchedule.NextRequest(open, Now) <= Now);
        Assert.NotNull(AcmeSchedule.Open(open, Now));
        Assert.Null(AcmeSchedule.Open(open, Now + AcmeSchedule.OrderResumeWindow));
    }

    [Fact]
    public void Three_orders_a_day_are_the_most_even_where_all_of_them_are_issued()
    {
        var orders = new[] { 20, 10, 1 }.Select(h => new OrderRecord(Now.AddHours(-h), null, OrderOutcome.Issued)).ToList();
        Assert.Equal(Now.AddHours(4), AcmeSchedule.NextRequest(new AcmeState { Orders = orders }, Now));
    }

    [Fact]
    public void What_a_wrong_clock_has_written_does_not_stop_orders_for_years()
    {
        var state = new AcmeState { Orders = [new OrderRecord(Now.AddYears(70), null, OrderOutcome.Failed)], NotBefore = Now.AddYears(70) };
        Assert.True(AcmeSchedule.NextRequest(state, Now) <= Now);
    }

    [Fact]
    public void The_authority_may_ask_for_a_longer_pause_and_silence_costs_a_shorter_one()
    {
        var limited = new AcmeFailure(AcmeReason.RateLimited, "") { RetryAfter = TimeSpan.FromDays(3) };
        Assert.InRange(AcmeSchedule.PauseAfter(limited, 1, 1), TimeSpan.FromDays(3), TimeSpan.FromDays(3.3));
        var silent = new AcmeFailure(AcmeReason.Unreachable, "");
        Assert.Equal([1.0, 5, 15, 60, 60], Enumerable.Range(1, 5).Select(n => AcmeSchedule.PauseAfter(silent, n, 0).TotalMinutes));
        Assert.Equal([1.0, 6, 24, 24], Enumerable.Range(1, 4).Select(n => AcmeSchedule.PauseAfter(new AcmeFailure(AcmeReason.Refused, ""), n, 0).TotalHours));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"names":null,"orders":[]}""")]
    [InlineData("""{"names":[],"orders":[null]}""")]
    [InlineData("""{"names":[],"orders":[{"at":"x"}]}""")]
    public void State_that_somebody_has_damaged_is_none(string text) => Assert.Null(AcmeState.Parse(text));

    [Fact]
    public void State_is_read_as_it_was_written()
    {
        var state = new AcmeState
        {
            Names = ["a.example"],
            Orders = [new OrderRecord(Now, new Uri("https://ca.example/order/1"), OrderOutcome.Open)],
            Failures = 2,
            NotBefore = Now,
            FailedChallenge = "http-01",
            LastError = new AcmeError(Now, "refused", "no"),
        };
        Assert.Equal(state.Write(), AcmeState.Parse(state.Write())!.Write());
        Assert.Contains("\"outcome\": \"Open\"", state.Write(), StringComparison.Ordinal);
    }
}
