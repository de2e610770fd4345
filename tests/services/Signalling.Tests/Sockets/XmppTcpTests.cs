using System.Security.Authentication;
using System.Text;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>XMPP over TCP with STARTTLS (RFC 6120): the same sessions behind another transport.</summary>
public sealed class XmppTcpTests(TcpHostFixture fixture) : IClassFixture<TcpHostFixture>
{
    private readonly SignallingHost _host = fixture.Host;

    [Fact]
    public async Task Clients_over_TCP_and_over_WebSockets_meet_in_a_room_and_chat()
    {
        const string Call = "tcp0@muc.meet.jitsi";
        using var ann = await TcpClient.ConnectAsync(_host.TcpPort);
        await ann.JoinAsync(Call);
        using var bob = await SocketClient.ConnectAsync(_host.Port);
        await bob.JoinAsync(Call);
        await ann.UntilAsync($"<presence from='{Call}/{bob.Nick}'/>");
        await bob.SendAsync($"<message type='groupchat' to='{Call}'><body>é👍 &lt;</body></message>");
        Assert.Equal("é👍 <", (await ann.UntilAsync($"<message type='groupchat' from='{Call}/{bob.Nick}'><body>é👍 &lt;</body></message>")).Child("body")!.Text);
        await ann.SendAsync($"<message type='groupchat' to='{Call}'><body>hello</body></message>");
        await bob.UntilAsync($"<message type='groupchat' from='{Call}/{ann.Nick}'><body>hello</body></message>");
        await ann.SendAsync("</stream:stream>");
        Assert.Null(await ann.TryUntilAsync("<never/>"));
        await ann.UntilClosedAsync();
        await bob.UntilAsync($"<presence type='unavailable' from='{Call}/{ann.Nick}'/>");
    }

    [Fact]
    public async Task The_last_stanzas_before_the_end_of_a_stream_arrive_in_whatever_pieces_they_come()
    {
        const string Call = "tcp1@muc.meet.jitsi";
        using var ann = await TcpClient.ConnectAsync(_host.TcpPort);
        await ann.JoinAsync(Call);
        using var bob = await TcpClient.ConnectAsync(_host.TcpPort);
        await bob.JoinAsync(Call);
        var octets = Encoding.UTF8.GetBytes($" \n<message type='groupchat' to='{Call}' id='1'><body>👍</body></message><message type='groupchat' to='{Call}' id='2'><body>b</body></message></stream:stream>");
        foreach (var octet in octets) await bob.SendAsync([octet]);
        await ann.UntilAsync("<message type='groupchat' id='1'><body>👍</body></message>");
        await ann.UntilAsync("<message type='groupchat' id='2'><body>b</body></message>");
        await ann.UntilAsync($"<presence type='unavailable' from='{Call}/{bob.Nick}'/>");
    }

    [Fact]
    public async Task A_session_of_a_guest_is_not_taken_up_by_another_guest_who_knows_its_id()
    {
        using var ann = await TcpClient.ConnectAsync(_host.TcpPort);
        ann.Cut();
        using var other = await TcpClient.SecureAsync(_host.TcpPort);
        await other.LogInAsync();
        await other.SendAsync($"<resume xmlns='urn:xmpp:sm:3' h='0' previd='{ann.ResumeId}'/>");
        await other.UntilAsync("<failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
        await other.BindAsync();
    }

    [Fact]
    public async Task A_session_with_an_account_that_was_cut_in_the_middle_of_a_stanza_is_resumed_and_nobody_sees_a_leave()
    {
        const string Call = "tcp3@muc.meet.jitsi";
        await using var host = await TcpHostFixture.StartAsync(new NamedAdmission());
        using var ann = await TcpClient.ConnectAsync(host.TcpPort);
        await ann.JoinAsync(Call);
        using var watcher = await TcpClient.ConnectAsync(host.TcpPort, "guest.meet.jitsi");
        await watcher.JoinAsync(Call);
        await ann.UntilAsync($"<presence from='{Call}/{watcher.Nick}'/>");
        await ann.SendAsync($"<message type='groupchat' to='{Call}' id='half'><body>hal");
        ann.Cut();
        await watcher.SendAsync($"<message type='groupchat' to='{Call}' id='missed'><body>are you there?</body></message>");
        await watcher.UntilAsync("<message type='groupchat' id='missed'/>");

        using var again = await TcpClient.SecureAsync(host.TcpPort);
        await again.LogInAsync();
        await again.SendAsync($"<resume xmlns='urn:xmpp:sm:3' h='0' previd='{ann.ResumeId}'/>");
        await again.UntilAsync($"<resumed xmlns='urn:xmpp:sm:3' previd='{ann.ResumeId}' h='2'/>");
        await again.UntilAsync("<message type='groupchat' id='missed'><body>are you there?</body><delay xmlns='urn:xmpp:delay'/></message>");
        await again.SendAsync($"<message type='groupchat' to='{Call}' id='yes'><body>yes</body></message>");
        await watcher.UntilAsync($"<message type='groupchat' id='yes' from='{Call}/{ann.Nick}'><body>yes</body></message>");
    }

    [Fact]
    public async Task Each_host_is_reached_by_the_address_of_the_stream_and_others_are_unknown()
    {
        using var guest = await TcpClient.ConnectAsync(_host.TcpPort, "guest.meet.jitsi");
        Assert.Equal("guest.meet.jitsi", Jid.Parse(guest.FullJid).Domain);
        using var stranger = await TcpClient.DialAsync(_host.TcpPort);
        await stranger.SendAsync(TcpClient.Header("other.example"));
        await stranger.UntilErrorAsync("host-unknown");

        // The auth domain is a host of ours; where nobody has an account on it, that is said behind TLS.
        using var service = await TcpClient.DialAsync(_host.TcpPort);
        await service.SendAsync(TcpClient.Header("auth.meet.jitsi"));
        await service.UntilAsync("<features xmlns='http://etherx.jabber.org/streams'/>");
        await service.SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await service.UntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await service.HandshakeAsync();
        await service.SendAsync(TcpClient.Header("auth.meet.jitsi"));
        await service.UntilErrorAsync("host-unknown");
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task TLS_has_version_1_2_or_1_3(SslProtocols protocol)
    {
        using var client = await TcpClient.DialAsync(_host.TcpPort);
        await client.SendAsync(TcpClient.Header("meet.jitsi"));
        await client.SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.UntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.HandshakeAsync(protocol);
        Assert.Equal(protocol, client.Protocol);
        Assert.NotNull(client.Certificate);
    }

    [Fact]
    public async Task What_Smack_asks_at_its_login_is_answered()
    {
        using var smack = await TcpClient.ConnectAsync(_host.TcpPort);
        var bare = Jid.Parse(smack.FullJid).Bare.ToString();
        await smack.SendAsync("<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
        await smack.UntilAsync("<iq type='result' id='s'/>");
        await smack.SendAsync("<iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>");
        Assert.Empty((await smack.UntilAsync("<iq type='result' id='r1'/>")).Child("query", "jabber:iq:roster")!.Elements);
        await smack.SendAsync($"<iq type='get' id='r2' to='{bare}'><query xmlns='jabber:iq:roster'/></iq>");
        await smack.UntilAsync($"<iq type='result' id='r2' from='{bare}'><query xmlns='jabber:iq:roster'/></iq>");
        await smack.SendAsync("<iq type='set' id='r3'><query xmlns='jabber:iq:roster'><item jid='a@b'/></query></iq>");
        await smack.UntilAsync("<iq type='error' id='r3'><error><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");

        // Presence for nobody in particular is taken without a word.
        await smack.SendAsync("<presence><priority>30</priority></presence><presence to='meet.jitsi'/>");
        foreach (var (id, payload) in ((string, string)[])[("p", "<query xmlns='jabber:iq:privacy'/>"), ("v", "<vCard xmlns='vcard-temp'/>"), ("c", "<enable xmlns='urn:xmpp:carbons:2'/>"), ("x", "<query xmlns='jabber:iq:private'/>")])
        {
            await smack.SendAsync($"<iq type='get' id='{id}'>{payload}</iq>");
            await smack.UntilAsync($"<iq type='error' id='{id}'><error><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        }

        await smack.SendAsync("<iq type='get' id='d' to='meet.jitsi'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        var features = (await smack.UntilAsync("<iq type='result' id='d'/>")).Child("query")!.Children("feature").Select(f => f["var"]).ToList();
        Assert.Contains("urn:xmpp:ping", features);
        Assert.DoesNotContain("urn:xmpp:carbons:2", features);
        await smack.SendAsync("<iq type='get' id='i' to='meet.jitsi'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
        await smack.UntilAsync("<iq type='result' id='i'/>");
    }

    [Fact]
    public async Task The_port_is_closed_unless_it_is_set()
    {
        await using var host = await SignallingHost.StartAsync();
        Assert.Null(host.Services.GetService<JitsiMesh.Signalling.Tcp.XmppTcpListener>());
        Assert.Equal(2, host.Services.GetRequiredService<Hosting.Nodes.ListenAddresses>().All.Count);
    }

    /// <summary>Everybody on the main domain has the same account; guests have names of their own.</summary>
    private sealed class NamedAdmission : IAdmission
    {
        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(["ANONYMOUS"]);

        public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation) =>
            ValueTask.FromResult<AdmissionResult>(new AdmissionResult.Admitted(request.Host == "meet.jitsi" ? "annabell" : "", Contracts.Links.SessionContext.Empty));
    }
}

/// <summary>One host with XMPP over TCP for all tests of a class; each test has a room of its own.</summary>
public sealed class TcpHostFixture : IAsyncLifetime
{
    private static readonly string Folder = Directory.CreateTempSubdirectory("jitsimesh-tcp-").FullName;

    public SignallingHost Host { get; private set; } = null!;

    public static Task<SignallingHost> StartAsync(IAdmission? admission = null, TimeProvider? time = null) =>
        SignallingHost.StartAsync(admission, [("MESH_XMPP_TCP", "127.0.0.1:0"), ("CONFIG", Folder)], time is null ? null : services => services.AddSingleton(time));

    public async Task InitializeAsync() => Host = await StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();
}
