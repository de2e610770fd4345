using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Authentication;
using JitsiMesh.Signalling.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>Peers over TCP that do not do as RFC 6120 says. Each costs itself alone.</summary>
public sealed class XmppTcpAttackTests(TcpHostFixture fixture) : IClassFixture<TcpHostFixture>
{
    private const string StartTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    private const string Auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>";

    private readonly SignallingHost _host = fixture.Host;

    [Theory]
    [InlineData(Auth)]
    [InlineData("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='meet.jitsi' version='1.0'>")]
    [InlineData(" ")]
    [InlineData("\u0016\u0003\u0001\u0002")]
    public async Task What_stands_in_clear_text_behind_a_request_for_TLS_is_refused(string injected)
    {
        using var client = await TcpClient.DialAsync(_host.TcpPort);
        using var closed = new Counted("signalling.sockets.closed");
        await client.SendAsync(TcpClient.Header("meet.jitsi") + StartTls + injected);
        await client.UntilErrorAsync("policy-violation");
        await closed.UntilAsync(nameof(SessionEndReason.ClearTextBehindStartTls));
        await AssertAliveAsync();
    }

    [Fact]
    public async Task What_is_injected_later_is_no_TLS_and_ends_the_handshake()
    {
        using var client = await TcpClient.DialAsync(_host.TcpPort);
        await client.SendAsync(TcpClient.Header("meet.jitsi"));
        await client.SendAsync(StartTls);
        await client.UntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.SendAsync(Auth);
        var failure = await Record.ExceptionAsync(() => client.HandshakeAsync());
        Assert.True(failure is AuthenticationException or IOException, failure?.ToString());
        await AssertAliveAsync();
    }

    [Fact]
    public async Task Octets_that_are_no_TLS_end_the_connection_and_the_session_waits_for_another()
    {
        using var client = await TcpClient.ConnectAsync(_host.TcpPort);
        using var closed = new Counted("signalling.sockets.closed");
        await client.SendBesideTlsAsync("<presence to='call@muc.meet.jitsi/ab'/>"u8.ToArray());
        await closed.UntilAsync(nameof(SessionEndReason.ConnectionLost));
        Assert.NotNull(_host.Services.GetRequiredService<SessionRegistry>().FindResumable(client.ResumeId));
        await AssertAliveAsync();
    }

    [Fact]
    public async Task A_login_before_TLS_is_refused_and_what_it_holds_is_not_looked_at()
    {
        using var client = await TcpClient.DialAsync(_host.TcpPort);
        await client.SendAsync(TcpClient.Header("meet.jitsi"));
        await client.SendAsync(Auth);
        await client.UntilAsync("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><encryption-required/></failure>");
        await client.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFubgBzZXNhbWU=</auth>");
        await client.UntilAsync("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><encryption-required/></failure>");

        // It may still do it right.
        await client.SendAsync(StartTls);
        await client.UntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");

        using var stubborn = await TcpClient.DialAsync(_host.TcpPort);
        await stubborn.SendAsync(TcpClient.Header("meet.jitsi") + Auth + Auth + Auth);
        await stubborn.UntilErrorAsync("policy-violation");
    }

    [Theory]
    [InlineData("<presence/>", "policy-violation")]
    [InlineData("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "policy-violation")]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>", "policy-violation")]
    [InlineData("<!-- -->", "restricted-xml")]
    [InlineData("<a", null)]
    [InlineData("garbage", "not-well-formed")]
    [InlineData("<a></b>", "not-well-formed")]
    public async Task Before_TLS_there_is_nothing_but_the_request_for_it(string text, string? condition)
    {
        using var client = await TcpClient.DialAsync(_host.TcpPort);
        await client.SendAsync(TcpClient.Header("meet.jitsi"));
        await client.UntilAsync("<features xmlns='http://etherx.jabber.org/streams'/>");
        await client.SendAsync(text);
        if (condition is null) await client.SendAsync(" x='<'/>");
        await client.UntilErrorAsync(condition ?? "not-well-formed");
        await AssertAliveAsync();
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: meet.jitsi\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000")]
    [InlineData("\0\0\0\0")]
    [InlineData("<presence/>")]
    [InlineData("<!DOCTYPE stream [<!ENTITY a 'b'>]>")]
    public async Task What_is_no_stream_gets_a_stream_error(string text)
    {
        using var client = await TcpClient.DialAsync(_host.TcpPort);
        await client.SendAsync(text);
        await client.UntilErrorAsync(text[1] == '!' ? "restricted-xml" : "not-well-formed");
        await AssertAliveAsync();
    }

    [Theory]
    [InlineData("<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='meet.jitsi' version='1.0'>", "invalid-namespace")]
    [InlineData("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>", "improper-addressing")]
    [InlineData("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='meet.jitsi'>", "unsupported-version")]
    [InlineData("<?xml version='1.0' encoding='ISO-8859-1'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='meet.jitsi' version='1.0'>", "unsupported-encoding")]
    public async Task A_header_that_is_wrong_gets_the_error_that_says_so(string header, string condition)
    {
        using var client = await TcpClient.DialAsync(_host.TcpPort);
        await client.SendAsync(header);
        await client.UntilErrorAsync(condition);
    }

    [Fact]
    public async Task A_part_that_is_too_long_ends_its_sender_alone()
    {
        using var early = await TcpClient.DialAsync(_host.TcpPort);
        await early.SendAsync(TcpClient.Header("meet.jitsi"));
        await early.SendAsync($"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls' a='{new string('a', SignallingLimits.NegotiationFrameOctets)}");
        await early.UntilErrorAsync("policy-violation");

        using var secured = await TcpClient.SecureAsync(_host.TcpPort);
        await secured.SendAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{new string('A', SignallingLimits.NegotiationFrameOctets)}");
        await secured.UntilErrorAsync("policy-violation");

        using var ann = await TcpClient.ConnectAsync(_host.TcpPort);
        using var mallory = await TcpClient.ConnectAsync(_host.TcpPort);
        using var closed = new Counted("signalling.sockets.closed");
        await mallory.SendAsync($"<message type='groupchat' to='call@muc.meet.jitsi'><body>{new string('a', SignallingLimits.StanzaOctets)}");
        await mallory.UntilErrorAsync("policy-violation");
        await closed.UntilAsync(nameof(SessionEndReason.FrameTooBig));
        await ann.SendAsync("<iq type='get' id='p' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        await ann.UntilAsync("<iq type='result' id='p'/>");
    }

    [Fact]
    public async Task A_stream_that_restarts_for_another_host_ends()
    {
        using var client = await TcpClient.SecureAsync(_host.TcpPort, "guest.meet.jitsi");
        await client.SendAsync(Auth);
        await client.UntilAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        client.Restarts();
        await client.SendAsync(TcpClient.Header("meet.jitsi"));
        await client.UntilErrorAsync("not-authorized");
    }

    [Fact]
    public async Task Frames_of_a_WebSocket_are_no_elements_of_a_stream_over_TCP()
    {
        foreach (var frame in (string[])["<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>"])
        {
            using var client = await TcpClient.ConnectAsync(_host.TcpPort);
            await client.SendAsync(frame);
            await client.UntilErrorAsync("unsupported-stanza-type");
        }
    }

    [Fact]
    public async Task White_space_alone_does_not_keep_a_login_open()
    {
        using var client = await TcpClient.SecureAsync(_host.TcpPort);
        await client.SendAsync(new string('\n', SignallingLimits.NegotiationSpaceOctets + 1));
        await client.UntilErrorAsync("policy-violation");
        using var clear = await TcpClient.DialAsync(_host.TcpPort);
        await clear.SendAsync(TcpClient.Header("meet.jitsi") + new string(' ', SignallingLimits.NegotiationSpaceOctets + 1));
        await clear.UntilErrorAsync("policy-violation");
    }

    [Fact]
    public async Task A_thousand_connections_that_send_nothing_leave_room_for_others_when_they_are_gone()
    {
        await using var host = await TcpHostFixture.StartAsync();
        var limiter = host.Services.GetRequiredService<AddressLimiter>();
        using var refused = new Counted("signalling.refused");
        var idle = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 1000; i++) idle.Add(await TcpClient.DialAsync(host.TcpPort, mayFail: true));
            await refused.UntilAsync(nameof(SessionEndReason.TooManySocketsOfAddress), 1000 - SignallingLimits.UnauthenticatedSocketsOfAddress);
            // Which of them: connections that wait together are taken up in no order.
            var closing = idle.Select(client => client.UntilClosedAsync()).ToList();
            for (var left = idle.Count - SignallingLimits.UnauthenticatedSocketsOfAddress; left > 0; left--)
            {
                var closed = await Task.WhenAny(closing);
                closing.Remove(closed);
                await closed;
            }
        }
        finally
        {
            foreach (var client in idle) client.Dispose();
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (limiter.Addresses > 0) await Task.Delay(10, limit.Token);
        using var ann = await TcpClient.ConnectAsync(host.TcpPort);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<stream:stream xmlns='jabber:client'")]
    [InlineData("HEADER")]
    [InlineData("HANDSHAKE")]
    public async Task A_peer_that_does_not_get_to_TLS_is_cut_after_its_time(string said)
    {
        var time = new FakeTimeProvider();
        await using var host = await TcpHostFixture.StartAsync(time: time);
        using var closed = new Counted("signalling.sockets.closed");
        using var client = await TcpClient.DialAsync(host.TcpPort);
        if (said is "HEADER" or "HANDSHAKE")
        {
            await client.SendAsync(TcpClient.Header("meet.jitsi"));
            await client.UntilAsync("<features xmlns='http://etherx.jabber.org/streams'/>");
        }
        else
        {
            await client.SendAsync(said);
        }

        if (said == "HANDSHAKE")
        {
            await client.SendAsync(StartTls);
            await client.UntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            // A record that says it goes on.
            await client.SendAsync([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);
        }

        var passed = await PassUntilAsync(time, client.UntilClosedAsync());
        Assert.InRange(passed, SignallingLimits.NegotiationTime, SignallingLimits.NegotiationTime * 3);
        await closed.UntilAsync(nameof(SessionEndReason.NegotiationTimeout));
    }

    [Fact]
    public async Task A_peer_that_does_not_log_in_is_cut_after_its_time()
    {
        var time = new FakeTimeProvider();
        await using var host = await TcpHostFixture.StartAsync(time: time);
        using var client = await TcpClient.SecureAsync(host.TcpPort);
        await client.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONY");
        Assert.InRange(await PassUntilAsync(time, client.UntilClosedAsync()), SignallingLimits.NegotiationTime, SignallingLimits.NegotiationTime * 3);
    }

    [Fact]
    public async Task A_bound_peer_that_is_silent_is_asked_and_lives_on_when_it_answers_and_is_cut_when_it_does_not()
    {
        var time = new FakeTimeProvider();
        await using var host = await TcpHostFixture.StartAsync(time: time);
        using var client = await TcpClient.ConnectAsync(host.TcpPort);
        for (var i = 1; i <= 2; i++)
        {
            var asked = client.UntilAsync("<iq type='get' from='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
            Assert.InRange(await PassUntilAsync(time, asked), SignallingLimits.SilenceTime - SignallingLimits.SilenceAnswerTime, SignallingLimits.SilenceTime * 3);
            await client.SendAsync($"<iq type='result' id='{(await asked)["id"]}' to='meet.jitsi'/><r xmlns='urn:xmpp:sm:3'/>");
            await client.UntilAsync("<a xmlns='urn:xmpp:sm:3'/>");
        }

        using var closed = new Counted("signalling.sockets.closed");
        await PassUntilAsync(time, client.UntilClosedAsync());
        await closed.UntilAsync(nameof(SessionEndReason.ConnectionLost));

        // It may come back all the same, within its time.
        Assert.NotNull(host.Services.GetRequiredService<SessionRegistry>().FindResumable(client.ResumeId));
    }

    [Fact]
    public async Task A_client_that_cuts_its_connection_at_any_point_leaves_nothing_behind()
    {
        await using var host = await TcpHostFixture.StartAsync();
        var limiter = host.Services.GetRequiredService<AddressLimiter>();
        using (var client = await TcpClient.DialAsync(host.TcpPort)) client.Cut();
        using (var client = await TcpClient.DialAsync(host.TcpPort))
        {
            await client.SendAsync(TcpClient.Header("meet.jitsi") + StartTls);
            await client.UntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            client.Cut();
        }

        using (var client = await TcpClient.SecureAsync(host.TcpPort))
        {
            await client.SendAsync(Auth);
            client.Cut();
        }

        using (var client = await TcpClient.ConnectAsync(host.TcpPort))
        {
            await client.SendAsync("<message to='call@muc.meet.jitsi'><bo");
            client.Cut();
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (limiter.Addresses > 0) await Task.Delay(10, limit.Token);
    }

    private async Task AssertAliveAsync()
    {
        using var client = await TcpClient.SecureAsync(_host.TcpPort);
    }

    /// <summary>Lets time pass until something has happened, and says how much that was.</summary>
    private static async Task<TimeSpan> PassUntilAsync(FakeTimeProvider time, Task happens)
    {
        var from = time.GetUtcNow();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!happens.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(happens, Task.Delay(10, limit.Token));
        }

        await happens;
        return time.GetUtcNow() - from;
    }

    /// <summary>What a counter counts from now on, by its reason. Tests of other hosts may count too.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

        public Counted(string counter)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == counter) listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, measurement, tags, _) =>
            {
                foreach (var tag in tags)
                {
                    if (tag is { Key: "reason", Value: string reason }) _counts.AddOrUpdate(reason, measurement, (_, before) => before + measurement);
                }
            });
            _listener.Start();
        }

        public async Task UntilAsync(string reason, long count = 1)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (_counts.GetValueOrDefault(reason) < count) await Task.Delay(10, limit.Token);
        }

        public void Dispose() => _listener.Dispose();
    }
}
