using JitsiMesh.Contracts.Bus;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>The sessions of an account that is gone, over the real bus and sockets. A host of its own: the bus is the host's.</summary>
public sealed class AccountRevokedTests
{
    [Fact]
    public async Task Its_sessions_end_and_leave_their_rooms_and_others_go_on()
    {
        const string Call = "revoked@muc.meet.jitsi";
        await using var host = await SignallingHost.StartAsync();
        using var ann = await SocketClient.ConnectAsync(host.Port);
        await ann.JoinAsync(Call);
        using var bob = await SocketClient.ConnectAsync(host.Port);
        await bob.JoinAsync(Call);
        using var cut = await SocketClient.ConnectAsync(host.Port);
        await cut.JoinAsync(Call);
        await ann.UntilAsync($"<presence from='{Call}/{cut.Nick}'/>");
        var bus = host.Services.GetRequiredService<IBus>();

        await bus.Publish(new AccountRevoked { BareJid = BareJidOf(bob) });
        await bob.UntilAsync("<stream:error xmlns:stream='http://etherx.jabber.org/streams'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
        await ann.UntilAsync($"<presence type='unavailable' from='{Call}/{bob.Nick}'/>");

        // One that waits for its socket to come back ends too, and cannot be resumed.
        cut.Cut();
        await bus.Publish(new AccountRevoked { BareJid = BareJidOf(cut) });
        await ann.UntilAsync($"<presence type='unavailable' from='{Call}/{cut.Nick}'/>");
        Assert.Null(host.Services.GetRequiredService<SessionRegistry>().FindResumable(cut.ResumeId));

        await ann.SendAsync($"<message type='groupchat' to='{Call}' id='on'><body>still here</body></message>");
        await ann.UntilAsync("<message type='groupchat' id='on'/>");
    }

    [Fact]
    public async Task A_login_that_was_under_way_ends_too_and_a_later_one_does_not()
    {
        await using var host = await SignallingHost.StartAsync();
        var registry = host.Services.GetRequiredService<SessionRegistry>();
        var clock = host.Services.GetRequiredService<MeshClock>();
        var before = clock.Now.Now;
        Assert.Equal(0, registry.Revoke("anna@meet.jitsi"));
        Assert.True(registry.IsRevoked(Session("anna@meet.jitsi", before)));
        Assert.True(registry.IsRevoked(Session("other@meet.jitsi", before, identity: "anna@meet.jitsi")));
        Assert.False(registry.IsRevoked(Session("bob@meet.jitsi", before)));
        Assert.False(registry.IsRevoked(Session("anna@meet.jitsi", clock.Now.Now + TimeSpan.FromMilliseconds(1))));

        XmppSession Session(string bare, MonotonicTime asked, string? identity = null) =>
            new(SessionInfo.Of(Jid.Parse($"{bare}/r"), "q") with { Context = SessionContext.Empty with { Identity = identity } }, host.Services.GetRequiredService<Routing.StanzaRouter>(), TimeSpan.FromSeconds(60)) { AskedAt = asked };
    }

    private static string BareJidOf(SocketClient client) => Jid.Parse(client.FullJid).Bare.ToString();
}
