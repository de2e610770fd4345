using JitsiMesh.Contracts;
using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Links;

/// <summary>An input that throws costs whoever brought it.</summary>
public sealed partial class FocusNodesTests
{
    private string SidOf(string nick) => _signalling.Seen.Last(stanza => stanza["to"] == $"{Room}/{nick}" && stanza.Child("jingle")?["action"] == "session-initiate").Child("jingle")!["sid"]!;

    private JingleMessage Restart(string nick)
    {
        var initiate = FakeClient.Read(_signalling.Seen.Last(stanza => stanza["to"] == $"{Room}/{nick}" && stanza.Child("jingle")?["action"] == "session-initiate").Child("jingle")!);
        return new JingleMessage { Action = JingleAction.SessionTerminate, Sid = initiate.Sid, BridgeSession = new BridgeSessionInfo(initiate.BridgeSession!.Id) { Restart = true } };
    }

    [Fact]
    public async Task A_request_that_throws_is_answered_and_undone_and_nobody_else_notices()
    {
        await using var node = await Node.StartAsync("focus-1", this);
        await MeetAsync(node);
        var (stanzas, calls) = (_signalling.Seen.Count, _bridge.Requests.Count);
        var before = await StoredParticipantAsync("bob");

        _random.Broken = true;
        for (var i = 0; i < 3; i++) await JingleAsync("ann", $"throws-{i}", Restart("ann"));
        _random.Broken = false;

        Assert.Equal(3, _random.Thrown);
        Assert.Equal(3, node.Metrics[ConferenceEvent.InputFailed]);
        // Three answers, and nothing else: no stanza and no call of before is repeated.
        Assert.Equal((stanzas + 3, calls), (_signalling.Seen.Count, _bridge.Requests.Count));
        Assert.All(_signalling.Seen.Skip(stanzas), answer => Assert.Equal("internal-server-error", StanzaError.Read(answer).Condition));
        Assert.Equal(before, await StoredParticipantAsync("bob"));
        Assert.Equal("Active", node.Partitions.Conferences.Single().Summary.Participants.Single(one => one.Endpoint == "ann").Session);

        var sid = SidOf("ann");
        await SendAsync(Stanzas.Iq("set", "works", "focus@auth.meet.example/focus", JingleFormat.Format(Restart("ann")), $"{Room}/ann"));
        await _signalling.WaitForAsync(stanza => stanza["id"] == "works" && stanza["type"] == "result");
        await WaitAsync(() => SidOf("ann") != sid);
    }

    public static TheoryData<string> Failures => ["timeout", "cancellation"];

    /// <summary>Drivers report their time limits as cancellations too, and nobody here has cancelled.</summary>
    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_store_that_fails_for_some_time_costs_time_alone(string kind)
    {
        await using var node = await Node.StartAsync("focus-1", this);
        await MeetAsync(node);
        var left = 0;
        _store.Writing = _store.Reading = key =>
        {
            if (key == ConferenceDocument.Key(Room) && Interlocked.Decrement(ref left) >= 0) throw kind == "timeout" ? new TimeoutException("made by the test") : new TaskCanceledException("made by the test");
        };

        // The change of an ordinary input.
        Interlocked.Exchange(ref left, 3);
        var sid = SidOf("ann");
        await SendAsync(Stanzas.Iq("set", "waits", "focus@auth.meet.example/focus", JingleFormat.Format(Restart("ann")), $"{Room}/ann"));
        await PassesUntilAsync(() => _signalling.Seen.Any(stanza => stanza["id"] == "waits"));
        await WaitAsync(() => SidOf("ann") != sid);
        Assert.Equal("result", _signalling.Seen.Single(stanza => stanza["id"] == "waits")["type"]);

        // What is read back after an input that threw.
        _random.Broken = true;
        Interlocked.Exchange(ref left, 3);
        await SendAsync(Stanzas.Iq("set", "throws", "focus@auth.meet.example/focus", JingleFormat.Format(Restart("bob")), $"{Room}/bob"));
        await PassesUntilAsync(() => _signalling.Seen.Any(stanza => stanza["id"] == "throws"));
        _random.Broken = false;
        Assert.Equal("internal-server-error", StanzaError.Read(_signalling.Seen.Single(stanza => stanza["id"] == "throws")).Condition);
        Assert.True(Volatile.Read(ref left) < 0);
        Assert.Equal(2, node.Partitions.Conferences.Single().Summary.Participants.Count);
        await JoinAsync("cid");
        await _signalling.WaitForAsync(stanza => stanza["to"] == $"{Room}/cid" && stanza.Child("jingle")?["action"] == "session-initiate");
    }

    private async Task PassesUntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 200 && !condition(); i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            await WaitAsync(condition, mayTimeOut: true, seconds: 0.05);
        }

        Assert.True(condition());
    }

    [Fact]
    public async Task The_request_that_would_begin_a_conference_is_answered_when_it_throws()
    {
        await using var node = await Node.StartAsync("focus-1", this);
        _random.Broken = true;
        await SendAsync(Stanzas.Iq("set", "first", "focus.meet.example", new XmppElement("conference", Namespaces.Focus, ("room", Room)), "ann@meet.example/web"));
        Assert.Equal("internal-server-error", StanzaError.Read(await _signalling.WaitForAsync(stanza => stanza["id"] == "first")).Condition);
        _random.Broken = false;
        Assert.Empty(node.Partitions.Conferences);
        Assert.Empty(await _store.KeysAsync(ConferenceDocument.KeyPrefix(Partitions.Of(Room))));
        await MeetAsync(node);
    }

    [Fact]
    public void A_deadline_whose_handling_throws_is_put_off()
    {
        var scenario = new FocusScenario();
        scenario.Bridge.Lost = true;
        scenario.Join("ann");
        scenario.Join("bob");
        var due = scenario.Conference.NextDeadline;
        var outputs = scenario.Conference.Handle(new InputFailed(new Tick()), new ConferenceContext(due, BridgePoolSnapshot.Empty, scenario.Caps));
        Assert.Equal(new Counted(ConferenceEvent.InputFailed), Assert.Single(outputs));
        Assert.Equal(due + FocusLimits.FailedTickDelay, scenario.Conference.NextDeadline);
    }

    private async Task<string> StoredParticipantAsync(string nick)
    {
        var stored = await _store.ReadAsync(ConferenceDocument.Key(Room));
        return System.Text.Encoding.UTF8.GetString(stored!.Fields["p:" + nick]);
    }
}
