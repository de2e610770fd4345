using System.Net;
using System.Net.Sockets;
using System.Text;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Jingle;
using JitsiMesh.Mesh.Tests.UnderTest;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Mesh.Tests.Scenarios;

/// <summary>What people say, what they are called and where they come from stands in no log line above debug. Ids of conferences and endpoints and names of rooms may.</summary>
public static class LogPrivacyScenarios
{
    private const string DisplayName = "Zebedee Quillfeather";
    private const string Mail = "zebedee.quill@mail.example";
    private const string Said = "the purple walrus sings at noon";
    private const string Whispered = "and the green one at midnight";
    private const string RoomPassword = "opensesame9713";
    private const string WrongPassword = "openbarley4821";
    private const string Token = "tokenfortythousandfireflies";
    private const string ForwardedAddress = "203.0.113.77";
    private const string ForwardedAddress6 = "2001:db8:77::1";
    private const string MediaAddress = "127.0.0.77";
    private const string RawAddress = "127.0.0.78";
    private const string StrangerAddress = "127.0.0.79";

    /// <param name="mesh">The mesh.</param>
    /// <param name="room">A room.</param>
    /// <param name="frameworks">Lines of the frameworks beneath count too; at LOG_LEVEL=debug they tell each request.</param>
    public static async Task NothingPersonalIsLogged(IMeshUnderTest mesh, string room, bool frameworks)
    {
        var secrets = new List<string>
        {
            DisplayName, Mail, Said, Whispered, RoomPassword, WrongPassword, Token, ForwardedAddress, ForwardedAddress6, MediaAddress, RawAddress, StrangerAddress,
        };
        await using (var party = new Party(mesh, 71) { MediaAddress = IPAddress.Parse(MediaAddress) })
        {
            for (var i = 0; i < 3; i++)
            {
                var client = party.Add(room, change: o => o with { DisplayName = DisplayName });
                client.Do((p, _) => p.Presence.Extra.Add(new XmppElement("email", Namespaces.Client).AddText(Mail)));
                await client.JoinAsync();
                await party.ExpectAsync("joins", () => client.Read(p => p.IsJoined));
            }

            await party.ExpectMediaAsync(party.Clients);
            foreach (var client in party.Clients)
            {
                secrets.AddRange(client.Read(p => p.Session!.Contents.Select(c => c.Transport).OfType<IceUdpTransport>().Select(t => t.Password).OfType<string>()));
                secrets.Add(client.Endpoint!.Password);
            }

            var (moderator, other) = (party[0], party[1]);
            moderator.Do((p, _) => p.SendMessage(Said));
            moderator.Do((p, _) => p.SendStanza(Stanzas.Message("chat", p.RoomAddress(other.Nick)).Add(new XmppElement("body", Namespaces.Client).AddText(Whispered))));
            await party.ExpectAsync("both arrive", () => other.History.OfType<ParticipantEvent.MessageReceived>().Count() == 2);

            string? locked = null;
            moderator.Do((p, _) => p.SendIq("set", p.Options.RoomJid, PasswordForm(), "lock", answer => locked = answer["type"]));
            await party.ExpectAsync("the room is locked", () => locked == "result");
            await TryToComeInAsync(mesh, room, party);
            await AskOverHttpAsync(mesh, room);
            Disturb(mesh);

            moderator.Do((p, _) => p.Kick(party[2].Nick));
            await party.ExpectAsync("one is kicked", () => other.Read(p => p.Occupants.Count == 1));
            other.Cut();
            await other.ConnectAsync();
            await party.ExpectMediaAsync([moderator, other]);
        }

        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal(secrets.Count, secrets.Count(s => s.Length >= 7));
        var told = mesh.Log.Where(l => l.Level > LogLevel.Debug && (frameworks || l.Category.StartsWith("JitsiMesh", StringComparison.Ordinal))).ToList();
        Assert.NotEmpty(told);
        foreach (var line in told)
        {
            var text = line.ToString();
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
        }
    }

    private static XmppElement PasswordForm()
    {
        var form = new XmppElement("x", "jabber:x:data", ("type", "submit"));
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[("FORM_TYPE", "http://jabber.org/protocol/muc#roomconfig"), ("muc#roomconfig_roomsecret", RoomPassword), ("muc#roomconfig_passwordprotectedroom", "1")])
        {
            form.Add(new XmppElement("field", "jabber:x:data", ("var", name)).Add(new XmppElement("value", "jabber:x:data").AddText(value)));
        }

        return new XmppElement("query", "http://jabber.org/protocol/muc#owner").Add(form);
    }

    /// <summary>With a token, a forwarded address and a wrong password; and then with a frame that breaks off in the middle of what it says.</summary>
    private static async Task TryToComeInAsync(IMeshUnderTest mesh, string room, Party party)
    {
        foreach (var address in (string[])[ForwardedAddress, ForwardedAddress6])
        {
            using var client = RawClient.From(mesh, IPAddress.Parse(RawAddress));
            client.SetHeader("X-Forwarded-For", address);
            await client.LogInAsync(mesh, $"{room}&token={Token}");
            client.StartReading();
            await client.SendAsync($"<presence xmlns='jabber:client' to='{room}@{mesh.MucDomain}/{client.Nick}'><x xmlns='http://jabber.org/protocol/muc'><password>{WrongPassword}</password></x><nick xmlns='http://jabber.org/protocol/nick'>{DisplayName}</nick></presence>");
            await party.ExpectAsync("it is refused", () => client.Stanzas.Any(s => s["type"] == "error" && StanzaError.Read(s).Condition == "not-authorized"));
            await client.SendAsync($"<message xmlns='jabber:client' to='{room}@{mesh.MucDomain}'><body>{Said}, {Mail}</message>");
            await party.ExpectAsync("the stream ends", () => client.HasEnded);
        }
    }

    private static async Task AskOverHttpAsync(IMeshUnderTest mesh, string room)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(mesh.PlainHttp, $"conference-request/v1?room={room}"))
        {
            Content = new StringContent($$"""{"room":"{{room}}@{{mesh.MucDomain}}","machineUid":"{{Mail}}"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Forwarded-For", ForwardedAddress);
        request.Headers.Add("Authorization", "Bearer " + Token);
        using var answer = await http.SendAsync(request);
    }

    /// <summary>Packets of a stranger to the bridge.</summary>
    private static void Disturb(IMeshUnderTest mesh)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(StrangerAddress), 0));
        foreach (var first in (byte[])[0, 22, 80, 128, 200]) socket.SendTo([first, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, .. new byte[40]], mesh.Media);
    }
}
