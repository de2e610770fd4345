namespace JitsiMesh.Xmpp.Tests;

public sealed class StreamManagementTests
{
    [Fact]
    public void Nothing_counts_before_enable()
    {
        var sm = new StreamManagement<string>();
        sm.Sent("a");
        sm.CountHandled();
        sm.Enable("id");
        Assert.Equal((0u, 0), (sm.Handled, sm.UnacknowledgedCount));
    }

    [Fact]
    public void Acknowledged_stanzas_leave_the_queue_and_the_rest_is_sent_again()
    {
        var sm = new StreamManagement<string>();
        sm.Enable("id");
        foreach (var stanza in (string[])["a", "b", "c"]) sm.Sent(stanza);
        Assert.Equal(AcknowledgeOutcome.Accepted, sm.Acknowledge(1));
        Assert.Equal(AcknowledgeOutcome.Accepted, sm.Resume(2, out var missed));
        Assert.Equal(["c"], missed);
        Assert.Equal(AcknowledgeOutcome.Accepted, sm.Resume(2, out missed));
        Assert.Equal(["c"], missed);
    }

    [Fact]
    public void An_acknowledgement_beyond_what_was_sent_or_behind_an_earlier_one_changes_nothing()
    {
        var sm = new StreamManagement<string>();
        sm.Enable("id");
        sm.Sent("a");
        sm.Sent("b");
        Assert.Equal(AcknowledgeOutcome.TooHigh, sm.Acknowledge(3));
        Assert.Equal(AcknowledgeOutcome.Accepted, sm.Acknowledge(2));
        Assert.Equal(AcknowledgeOutcome.Backwards, sm.Acknowledge(1));
        Assert.Equal(0, sm.UnacknowledgedCount);
    }

    [Fact]
    public void The_sizes_of_what_is_not_acknowledged_are_added_up()
    {
        var sm = new StreamManagement<string>(s => s.Length);
        sm.Sent("before");
        sm.Enable("id");
        foreach (var text in (string[])["1", "22", "333"]) sm.Sent(text);
        Assert.Equal(6, sm.UnacknowledgedSize);
        sm.Acknowledge(2);
        Assert.Equal(3, sm.UnacknowledgedSize);
        sm.Resume(3, out _);
        Assert.Equal(0, sm.UnacknowledgedSize);
    }

    [Fact]
    public void A_request_is_due_after_so_many_stanzas_and_only_one_is_under_way()
    {
        var sm = new StreamManagement<int>();
        sm.Enable(null);
        for (var i = 0; i < 4; i++) sm.Sent(i);
        Assert.False(sm.TakeRequest(5));
        sm.Sent(4);
        Assert.True(sm.TakeRequest(5));
        for (var i = 0; i < 10; i++) sm.Sent(i);
        Assert.False(sm.TakeRequest(5));
        sm.Acknowledge(5);
        Assert.True(sm.TakeRequest(5));
    }
}
