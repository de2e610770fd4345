using System.Net;
using System.Net.Sockets;
using System.Text;
using JitsiMesh.Kit.Clients;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Bosh;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>Clients over BOSH that do not do as XEP-0124 says. Each costs itself alone.</summary>
public sealed class BoshAttackTests(SignallingHostFixture fixture) : IClassFixture<SignallingHostFixture>
{
    private const string Create = "to='meet.jitsi' wait='60' hold='1' ver='1.6'";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SignallingHost _host = fixture.Host;

    [Theory]
    [InlineData("", 400, "bad-request")]
    [InlineData("hello", 400, "bad-request")]
    [InlineData("<body/>", 400, "bad-request")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind'", 400, "bad-request")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind' to='meet.jitsi'/>", 200, "bad-request")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind' to='meet.jitsi' rid='0'/>", 200, "bad-request")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind' to='meet.jitsi' rid='-1'/>", 200, "bad-request")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind' to='meet.jitsi' rid='99999999999999999999'/>", 200, "bad-request")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind' rid='1'/>", 200, "improper-addressing")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind' rid='1' sid=''/>", 200, "item-not-found")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind' rid='1' sid='00000000000000000000000000000000'/>", 200, "item-not-found")]
    public async Task What_is_no_request_is_refused_with_its_condition(string body, int status, string condition)
    {
        var (code, answer) = await PostAsync(body);
        Assert.Equal((status, "terminate", condition), ((int)code, answer["type"], answer["condition"]));
    }

    [Fact]
    public async Task A_start_tag_that_does_not_end_is_not_read_for_long()
    {
        var (code, _) = await PostAsync("<body xmlns='http://jabber.org/protocol/httpbind' a='" + new string('a', 2 * BoshLimits.TagOctets) + "'/>");
        Assert.Equal(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task A_body_of_a_stranger_is_answered_before_it_is_read()
    {
        using var socket = new TcpSocket(_host.Port);
        await socket.SendAsync("POST /http-bind HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n<body xmlns='http://jabber.org/protocol/httpbind' rid='1' sid='00000000000000000000000000000000'>");
        Assert.Contains("item-not-found", await socket.UntilAsync("</body>"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BoshLimits.BodyElements * SignallingLimits.StanzaOctets)]
    [InlineData(10_000_000)]
    public async Task A_body_that_is_too_long_ends_its_session_alone(int octets)
    {
        const string Call = "boshlong@muc.meet.jitsi";
        await using var ann = await BoshClient.ConnectAsync(_host.Port);
        await ann.JoinAsync(Call);
        await using var mallory = await BoshClient.ConnectAsync(_host.Port);
        await mallory.SendAsync($"<message to='{Call}'><body>{new string('a', octets)}</body></message>");
        await mallory.UntilAsync("<error xmlns='http://etherx.jabber.org/streams'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
        Assert.Equal("remote-stream-error", await mallory.EndAsync());
        await AssertAliveAsync(ann);
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "restricted-xml")]
    [InlineData("<message xmlns='jabber:client'><body>&lol;</body></message>", "restricted-xml")]
    [InlineData("<message xmlns='jabber:client'>", "not-well-formed")]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi'/>", "unsupported-stanza-type")]
    [InlineData("<a xmlns='urn:x'/>", "unsupported-stanza-type")]
    public async Task Payload_that_is_no_stanza_gets_the_stream_error_that_says_so(string payload, string condition)
    {
        await using var mallory = await BoshClient.ConnectAsync(_host.Port);
        var (_, body) = await PostAsync(BoshWire.Body($"rid='{mallory.Wire.NextRid}' sid='{mallory.Wire.SessionId}'", payload));

        // By this request or by the one that was held.
        var error = body.Child("error", Namespaces.Streams);
        if (error is null) error = await mallory.UntilAsync("<error xmlns='http://etherx.jabber.org/streams'/>");
        Assert.Equal(condition, error.Elements.First().Name);
    }

    [Fact]
    public async Task Tens_of_thousands_of_elements_in_one_body_are_read_one_at_a_time_and_end_with_the_first_that_is_wrong()
    {
        await using var mallory = await BoshClient.ConnectAsync(_host.Port);
        var payload = new StringBuilder();
        while (payload.Length < BoshLimits.BodyElements * SignallingLimits.StanzaOctets - 1000) payload.Append("<a/>");
        await mallory.SendAsync(payload.ToString());
        await mallory.UntilAsync("<error xmlns='http://etherx.jabber.org/streams'><unsupported-stanza-type xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
    }

    [Fact]
    public async Task A_restart_that_nobody_waits_for_ends_the_session()
    {
        await using var mallory = await BoshClient.ConnectAsync(_host.Port);
        await mallory.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        await mallory.UntilAsync("<error xmlns='http://etherx.jabber.org/streams'><unsupported-stanza-type xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
    }

    [Fact]
    public async Task A_restart_for_another_host_than_that_of_the_login_ends_the_session()
    {
        await using var mallory = new BoshClient(new BoshWire(BoshClient.Address(_host.Port)));
        await mallory.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='guest.meet.jitsi' version='1.0'/>");
        await mallory.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        await mallory.UntilAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await mallory.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        await mallory.UntilAsync("<error xmlns='http://etherx.jabber.org/streams'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
    }

    [Fact]
    public async Task Who_has_the_id_of_a_session_and_not_the_number_of_its_requests_gets_nothing_and_ends_nothing()
    {
        await using var ann = await BoshClient.ConnectAsync(_host.Port);
        foreach (var rid in (long[])[1, ann.Wire.NextRid + 1000, ann.Wire.NextRid - 1000, long.MaxValue >> 10])
        {
            foreach (var more in (string[])["", "type='terminate'"])
            {
                var (_, answer) = await PostAsync(BoshWire.Body($"rid='{Math.Max(1, rid)}' sid='{ann.Wire.SessionId}' {more}"));
                Assert.Equal(("terminate", "item-not-found"), (answer["type"], answer["condition"]));
            }
        }

        await AssertAliveAsync(ann);
    }

    [Fact]
    public async Task Of_two_connections_with_one_number_the_later_gets_the_answer()
    {
        var (sid, rid) = await BareSessionAsync(_host.Port);
        var first = PostAsync(BoshWire.Body($"rid='{rid}' sid='{sid}'"));
        while (!Session(sid).Holds) await Task.Delay(5);
        var second = PostAsync(BoshWire.Body($"rid='{rid}' sid='{sid}'"));
        Assert.Equal("error", (await first).Body["type"]);
        await PostAsync(BoshWire.Body($"rid='{rid + 1}' sid='{sid}' type='terminate'"));
        Assert.Null((await second).Body["condition"]);
    }

    [Fact]
    public async Task After_the_end_there_is_nothing_any_more()
    {
        await using var ann = await BoshClient.ConnectAsync(_host.Port);
        var (sid, rid) = (ann.Wire.SessionId, ann.Wire.NextRid);
        await ann.SendAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        Assert.Equal("", await ann.EndAsync());
        for (var i = -1; i < 4; i++)
        {
            var (_, answer) = await PostAsync(BoshWire.Body($"rid='{rid + i}' sid='{sid}'", "<presence xmlns='jabber:client' to='call@muc.meet.jitsi/abc'/>"));
            Assert.Equal(("terminate", "item-not-found"), (answer["type"], answer["condition"]));
        }
    }

    [Fact]
    public async Task Sessions_that_do_not_log_in_are_bounded_by_address_and_leave_room_when_they_are_over()
    {
        var time = new FakeTimeProvider();
        await using var host = await SignallingHost.StartAsync(prepare: services => services.AddSingleton<TimeProvider>(time));
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < SignallingLimits.UnauthenticatedSocketsOfAddress + 50; i++) statuses.Add((await PostAsync(BoshWire.Body($"rid='{i + 1}' {Create}"), host.Port)).Code);
        Assert.Equal((SignallingLimits.UnauthenticatedSocketsOfAddress, 50), (statuses.Count(s => s == HttpStatusCode.OK), statuses.Count(s => s == HttpStatusCode.TooManyRequests)));
        Assert.Equal(SignallingLimits.UnauthenticatedSocketsOfAddress, host.Services.GetRequiredService<BoshSessions>().Count);

        // Nobody asks for their last words.
        var limiter = host.Services.GetRequiredService<AddressLimiter>();
        await PassUntilAsync(time, () => limiter.Addresses == 0, SignallingLimits.NegotiationTime + BoshLimits.LastWordTime + TimeSpan.FromSeconds(10));
        Assert.Equal(0, host.Services.GetRequiredService<BoshSessions>().Count);
    }

    [Fact]
    public async Task Who_asks_for_nothing_any_more_leaves_its_room_in_time()
    {
        const string Call = "boshgone@muc.meet.jitsi";
        var time = new FakeTimeProvider();
        await using var host = await SignallingHost.StartAsync(prepare: services => services.AddSingleton<TimeProvider>(time));
        var bob = await BoshClient.ConnectAsync(host.Port);
        await bob.JoinAsync(Call);
        var session = host.Services.GetRequiredService<BoshSessions>().Find(bob.Wire.SessionId!)!;

        // The time that counts begins when the server notices that the client's open request is gone.
        await UntilAsync(() => session.Holds);
        await bob.DisposeAsync();
        await UntilAsync(() => !session.Holds);
        var sessions = host.Services.GetRequiredService<SessionRegistry>();
        Assert.Equal(1, sessions.Count);
        await PassUntilAsync(time, () => sessions.Count == 0, BoshLimits.Inactivity + TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_session_that_takes_nothing_ends_at_its_bound_and_the_others_go_on()
    {
        const string Call = "boshslow@muc.meet.jitsi";
        await using var ann = await BoshClient.ConnectAsync(_host.Port);
        await ann.JoinAsync(Call);
        var bob = await BoshClient.ConnectAsync(_host.Port);
        await bob.JoinAsync(Call);
        await ann.UntilAsync($"<presence from='{Call}/{bob.Nick}'/>");
        await bob.DisposeAsync();
        var text = new string('x', 200_000);
        for (var i = 0; i < (SignallingLimits.OutgoingOctets / text.Length) + 10; i++) await _host.FocusSaysAsync(Call, $"<message type='groupchat' to='{Call}' id='m{i}'><body>{text}</body></message>");
        await ann.UntilAsync($"<presence type='unavailable' from='{Call}/{bob.Nick}'/>");
        await AssertAliveAsync(ann);
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_given_up()
    {
        var time = new FakeTimeProvider();
        await using var host = await SignallingHost.StartAsync(prepare: services => services.AddSingleton<TimeProvider>(time));
        using var socket = new TcpSocket(host.Port);
        await socket.SendAsync("POST /http-bind HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n<body xmlns='http://jabber.org/");
        var answer = socket.UntilAsync("</body>");
        await PassUntilAsync(time, () => answer.IsCompleted, 3 * BoshLimits.BodyTime);
        Assert.StartsWith("HTTP/1.1 408", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_that_waits_costs_a_few_kilobytes()
    {
        // Other tests take and give back memory meanwhile: the least of several is nearest to the truth.
        var least = Enumerable.Range(0, 5).Min(_ => OctetsOfWaiting(1000));
        Assert.InRange(least, 1, 8 * 1024);
    }

    private static long OctetsOfWaiting(int sessions)
    {
        var clock = new MeshClock(new FakeTimeProvider());
        var kept = new List<(BoshTransport, BoshWaiter)>(sessions);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < sessions; i++)
        {
            var transport = new BoshTransport(clock, "meet.jitsi", "", BoshLimits.Wait, 1);
            Assert.Equal(BoshTagResult.Complete, BoshTag.TryRead(Encoding.UTF8.GetBytes(BoshWire.Body($"rid='{i + 1}' sid='s'")), out var tag));
            var waiter = new BoshWaiter();
            Assert.Equal(BoshTaken.Taken, transport.Take(new BoshRequest(waiter, i + 1, tag!, new byte[100], "meet.jitsi")));
            _ = transport.ReceiveAsync(1000, CancellationToken.None).AsTask();
            kept.Add((transport, waiter));
        }

        var octets = (GC.GetTotalMemory(forceFullCollection: true) - before) / sessions;
        Assert.All(kept, one => Assert.False(one.Item2.Answered.IsCompleted));
        // A measurement that others have spoilt downwards is none.
        return octets > 0 ? octets : long.MaxValue;
    }

    private static async Task PassUntilAsync(FakeTimeProvider time, Func<bool> isSo, TimeSpan most)
    {
        using var limit = new CancellationTokenSource(Patience * 2);
        for (var passed = TimeSpan.Zero; !isSo(); passed += TimeSpan.FromSeconds(1))
        {
            Assert.True(passed <= most, $"not within {most}");
            time.Advance(TimeSpan.FromSeconds(1));

            // A busy machine takes time to run what a timer has begun: the last second waits as long as it may.
            var isLast = passed + TimeSpan.FromSeconds(1) > most;
            for (var i = 0; (isLast || i < 20) && !isSo(); i++) await Task.Delay(5, limit.Token);
        }
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isSo()) await Task.Delay(5, limit.Token);
    }

    private static async Task AssertAliveAsync(BoshClient client)
    {
        await client.SendAsync("<iq type='get' id='alive' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        await client.UntilAsync("<iq type='result' id='alive'/>");
    }

    private BoshTransport Session(string sid) => _host.Services.GetRequiredService<BoshSessions>().Find(sid)!;

    /// <summary>A session that nobody asks for anything meanwhile, and the number of its next request.</summary>
    private static async Task<(string Sid, long Rid)> BareSessionAsync(int port) => ((await PostAsync(BoshWire.Body($"rid='5000' {Create}"), port)).Body["sid"]!, 5001);

    private Task<(HttpStatusCode Code, XmppElement Body)> PostAsync(string body) => PostAsync(body, _host.Port);

    private static async Task<(HttpStatusCode Code, XmppElement Body)> PostAsync(string body, int port)
    {
        using var http = new HttpClient { Timeout = Patience };
        using var answer = await http.PostAsync(BoshClient.Address(port), new StringContent(body, Encoding.UTF8, "text/xml"));
        return (answer.StatusCode, XmppParser.Parse(await answer.Content.ReadAsStringAsync()));
    }

    /// <summary>A connection on which everything can be said.</summary>
    private sealed class TcpSocket : IDisposable
    {
        private readonly System.Net.Sockets.TcpClient _client;

        public TcpSocket(int port) => _client = new System.Net.Sockets.TcpClient("127.0.0.1", port);

        public async Task SendAsync(string text) => await _client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));

        public async Task<string> UntilAsync(string end)
        {
            using var limit = new CancellationTokenSource(Patience);
            var text = new StringBuilder();
            var buffer = new byte[4096];
            while (!text.ToString().Contains(end, StringComparison.Ordinal))
            {
                var read = await _client.GetStream().ReadAsync(buffer, limit.Token);
                Assert.True(read > 0, text.ToString());
                text.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }

            return text.ToString();
        }

        public void Dispose() => _client.Dispose();
    }
}
