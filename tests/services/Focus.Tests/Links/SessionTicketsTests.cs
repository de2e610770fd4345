using System.Text;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Links;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Focus.Tests.Links;

/// <summary>The logins in meetings as the focus instances share them.</summary>
public class SessionTicketsTests
{
    private const string Ann = "ann@meet.example";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryMeshStore _store;
    private readonly FocusOptions _options = new() { XmppDomain = "meet.example", AuthenticationRequired = true, LoginLifetime = TimeSpan.FromHours(2) };
    private readonly SessionTickets _first;
    private readonly SessionTickets _second;

    public SessionTicketsTests()
    {
        _store = new InMemoryMeshStore(_time);
        _first = new SessionTickets(_store, new SeededRandomSource(1), new FocusClock(_time), _options);
        _second = new SessionTickets(_store, new SeededRandomSource(2), new FocusClock(_time), _options);
    }

    [Fact]
    public async Task What_one_instance_issued_another_knows_until_it_is_over()
    {
        var issued = await _first.IssueAsync(Ann, "m", true, default);
        Assert.Equal(issued, await _second.FindAsync(issued.Id, default));
        Assert.True(issued.IsOf("m"));
        Assert.False(issued.IsOf("other"));
        Assert.False(issued.IsOf(null));
        _time.Advance(TimeSpan.FromHours(2) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await _second.FindAsync(issued.Id, default));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await _second.FindAsync(issued.Id, default));
    }

    [Fact]
    public async Task A_logout_holds_everywhere_and_ends_no_other_login()
    {
        var issued = await _first.IssueAsync(Ann, "m", null, default);
        var other = await _second.IssueAsync(Ann, "m2", null, default);
        Assert.Equal(issued, await _second.EndAsync(issued.Id, default));
        Assert.Null(await _first.FindAsync(issued.Id, default));
        Assert.Null(await _first.EndAsync(issued.Id, default));
        Assert.NotNull(await _first.FindAsync(other.Id, default));
    }

    [Fact]
    public async Task All_logins_of_a_removed_account_end_and_those_of_others_go_on()
    {
        var first = await _first.IssueAsync(Ann, "m", null, default);
        var second = await _second.IssueAsync(Ann, "m2", null, default);
        var bob = await _first.IssueAsync("bob@meet.example", "m", null, default);
        await _second.EndAllAsync(Ann, default);
        await _first.EndAllAsync(Ann, default);
        Assert.Null(await _first.FindAsync(first.Id, default));
        Assert.Null(await _first.FindAsync(second.Id, default));
        Assert.NotNull(await _first.FindAsync(bob.Id, default));

        // Who is added again logs in again.
        Assert.NotNull(await _second.FindAsync((await _first.IssueAsync(Ann, "m", null, default)).Id, default));
    }

    [Fact]
    public async Task A_request_that_is_on_its_way_when_its_account_is_removed_gets_no_session_id()
    {
        var origin = new StanzaOrigin { RealJid = $"{Ann}/web", Session = new SessionContext { Identity = Ann } };
        var request = Stanzas.Iq("set", "c", "focus.meet.example", new XmppElement("conference", Namespaces.Focus, ("room", "call@muc.meet.example"), ("machine-uid", "m")));
        Assert.NotNull(await _first.OfAsync(request, origin, default));
        await _first.EndAllAsync(Ann, default);
        Assert.Null(await _first.OfAsync(request, origin, default));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.NotNull(await _first.OfAsync(request, origin, default));
    }

    [Fact]
    public async Task An_account_has_so_many_logins_and_the_eldest_goes_first()
    {
        var ids = new List<string>();
        for (var i = 0; i < FocusLimits.LoginsOfAccount + 2; i++)
        {
            ids.Add((await _first.IssueAsync(Ann, $"m{i}", null, default)).Id);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(FocusLimits.LoginsOfAccount, (await Document()).Fields.Count);
        Assert.Null(await _first.FindAsync(ids[0], default));
        Assert.Null(await _first.FindAsync(ids[1], default));
        Assert.NotNull(await _first.FindAsync(ids[2], default));
        Assert.NotNull(await _first.FindAsync(ids[^1], default));
        _time.Advance(TimeSpan.FromHours(3));
        await _first.IssueAsync(Ann, "m", null, default);
        Assert.Single((await Document()).Fields);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("0123456789012345.01234567890123456789012345678901")]
    [InlineData("focus-login:abcd.01234567890123456789012345678901")]
    public async Task An_id_of_another_form_or_account_is_none(string id)
    {
        var issued = await _first.IssueAsync(Ann, "m", null, default);
        Assert.Null(await _first.FindAsync(id, default));
        Assert.Null(await _first.FindAsync(issued.Id[..^1] + (issued.Id[^1] == '0' ? '1' : '0'), default));
        Assert.Null(await _first.FindAsync("AAAAAAAAAAAAAAAA" + issued.Id[16..], default));
    }

    [Fact]
    public async Task Who_reads_the_store_cannot_use_what_stands_there_and_what_another_wrote_there_is_passed_over()
    {
        var issued = await _first.IssueAsync(Ann, "secret machine", null, default);
        var text = string.Join(' ', (await Document()).Fields.Select(field => field.Key + Encoding.UTF8.GetString(field.Value)));
        Assert.DoesNotContain(issued.Id[17..], text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret machine", text, StringComparison.Ordinal);
        var key = Assert.Single(await _store.KeysAsync("focus-login:"));
        await _store.WriteAsync(key, 0, new DocumentChange { Put = (await Document()).Fields.ToDictionary(field => field.Key, _ => "{"u8.ToArray()) });
        Assert.Null(await _first.FindAsync(issued.Id, default));
        Assert.NotNull(await _first.IssueAsync(Ann, "m", null, default));
        Assert.Single((await Document()).Fields);
    }

    [Theory]
    [InlineData(Ann, "ann@meet.example/web", "m", true)]
    [InlineData(Ann, "ann@meet.example/web", "", false)]
    [InlineData(null, "ann@meet.example/web", "m", false)]
    [InlineData("recorder@hidden.meet.example", "recorder@hidden.meet.example/web", "m", false)]
    public async Task A_request_without_session_id_gets_one_for_a_login_on_its_machine(string? identity, string jid, string machine, bool gets)
    {
        var iq = Stanzas.Iq("set", "1", "focus.meet.example", new XmppElement("conference", Namespaces.Focus, ("room", "r@conference.meet.example"), ("machine-uid", machine)), jid);
        var ticket = await _first.OfAsync(iq, new StanzaOrigin { RealJid = jid, Session = new SessionContext { Identity = identity, Moderator = false } }, default);
        Assert.Equal(gets, ticket is not null);
        if (ticket is not null) Assert.Equal((Ann, false), (ticket.Identity, ticket.Moderator!.Value));
        _options.ExternalAuthentication = true;
        Assert.Null(await _first.OfAsync(iq, new StanzaOrigin { RealJid = jid, Session = new SessionContext { Identity = identity } }, default));
    }

    [Fact]
    public async Task A_token_beside_accounts_gets_no_session_id_which_would_open_other_rooms_than_its_own()
    {
        var iq = Stanzas.Iq("set", "1", "focus.meet.example", new XmppElement("conference", Namespaces.Focus, ("room", "r@conference.meet.example"), ("machine-uid", "m")), "guest@meet.example/web");
        var origin = new StanzaOrigin { RealJid = "guest@meet.example/web", Session = new SessionContext { Identity = "u-1", Claims = new TokenClaims("r", false, "*", null) } };
        Assert.Null(await _first.OfAsync(iq, origin, default));
        var admission = ConferenceAdmission.Decide(iq, origin, exists: false, _options, new FocusClock(_time).Now);
        Assert.Equal((null, "u-1", null), (admission.Refusal, admission.Identity, admission.SessionId));
    }

    private async Task<StoredDocument> Document() => (await _store.ReadAsync(Assert.Single(await _store.KeysAsync("focus-login:"))))!;
}
