using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Mesh.Tests.UnderTest;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Mesh.Tests.Scenarios;

/// <summary>Clients that ask for too much or keep no rules. Each gets its answer, and a call that goes on beside it notices nothing.</summary>
public static class BadClientScenarios
{
    /// <summary>Where bad clients come from; the call's people are at 127.0.0.1.</summary>
    private static readonly IPAddress BadAddress = IPAddress.Parse("127.0.0.2");

    /// <summary>Frames that no stream survives, and the condition it ends with; null where the WebSocket itself ends with 1007.</summary>
    public static IReadOnlyDictionary<string, (byte[] Frame, WebSocketMessageType Type, string? Condition)> Malformed { get; } = new Dictionary<string, (byte[], WebSocketMessageType, string?)>
    {
        ["not well-formed"] = Text("<message xmlns='jabber:client'><body></message>", "not-well-formed"),
        ["two roots"] = Text("<presence xmlns='jabber:client'/><presence xmlns='jabber:client'/>", "not-well-formed"),
        ["no XML at all"] = Text("GET / HTTP/1.1\r\n\r\n", "not-well-formed"),
        ["a prefix that nobody declared"] = Text("<a:message/>", "not-well-formed"),
        ["a DTD"] = Text("<!DOCTYPE message [<!ENTITY a 'b'>]><message xmlns='jabber:client'><body>&a;</body></message>", "restricted-xml"),
        ["entities that grow"] = Text("<!DOCTYPE l [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><message xmlns='jabber:client'><body>&b;</body></message>", "restricted-xml"),
        ["an external entity"] = Text("<!DOCTYPE x SYSTEM 'file:///etc/passwd'><message xmlns='jabber:client'/>", "restricted-xml"),
        ["a comment"] = Text("<message xmlns='jabber:client'><!-- hidden --></message>", "restricted-xml"),
        ["ten thousand levels"] = Text(string.Concat(Enumerable.Repeat("<a>", 10_000)) + string.Concat(Enumerable.Repeat("</a>", 10_000)), "policy-violation"),
        ["ten thousand attributes"] = Text("<message xmlns='jabber:client' " + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"a{i}='1' ")) + "/>", "policy-violation"),
        ["eighty thousand nodes"] = Text("<a>" + string.Concat(Enumerable.Repeat("<b/>x", 40_000)) + "</a>", "policy-violation"),
        ["a binary frame"] = ("<presence xmlns='jabber:client'/>"u8.ToArray(), WebSocketMessageType.Binary, "unsupported-encoding"),
        ["wrong UTF-8"] = ([.. "<message xmlns='jabber:client'><body>"u8, 0xC3, 0x28, 0xFF, .. "</body></message>"u8], WebSocketMessageType.Text, null),
        ["a megabyte"] = Text("<message xmlns='jabber:client'><body>" + new string('a', 1 << 20) + "</body></message>", "policy-violation"),
    };

    public static async Task MalformedFramesEndTheirSenderAlone(IMeshUnderTest mesh, string room)
    {
        await BesideACallAsync(mesh, room, 51, async _ =>
        {
            foreach (var (name, (frame, type, condition)) in Malformed)
            {
                foreach (var loggedIn in (bool[])[false, true])
                {
                    using var client = RawClient.From(mesh, BadAddress);
                    if (loggedIn) await client.LogInAsync(mesh);
                    else Assert.True(await client.TryDialAsync(mesh));
                    try
                    {
                        await client.SendAsync(frame, type);
                    }
                    catch (WebSocketException)
                    {
                        // The rest of a frame that is too long may meet a closed socket; what was said before that can still be read.
                    }

                    var answer = await client.ReadToEndAsync();
                    if (condition is null)
                    {
                        Assert.True(client.CloseStatus is null or WebSocketCloseStatus.InvalidPayloadData, $"{name}: {client.CloseStatus}");
                        continue;
                    }

                    Assert.True(answer.Contains($"<{condition}", StringComparison.Ordinal), $"{name}, logged in {loggedIn}: {answer}");
                    if (name == "a megabyte") Assert.Equal(WebSocketCloseStatus.MessageTooBig, client.CloseStatus);
                }
            }
        });
    }

    /// <summary>A thousand sockets of one address that never log in.</summary>
    public static async Task IdleSocketsAreLimitedByAddress(IMeshUnderTest mesh, string room, int limit)
    {
        await BesideACallAsync(mesh, room, 52, async party =>
        {
            var clients = Enumerable.Range(0, 1000).Select(_ => RawClient.From(mesh, BadAddress)).ToArray();
            try
            {
                var opened = 0;
                var tooMany = 0;
                await Parallel.ForEachAsync(clients, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (client, _) =>
                {
                    if (await client.TryDialAsync(mesh)) Interlocked.Increment(ref opened);
                    else if (client.HttpStatus == HttpStatusCode.TooManyRequests) Interlocked.Increment(ref tooMany);
                });
                Assert.InRange(opened, 1, limit);
                Assert.InRange(tooMany, 1, 1000 - opened);

                // Everybody else still comes in.
                await party.JoinAsync(room, 1);
                await party.ExpectMediaAsync(party.Clients);
            }
            finally
            {
                foreach (var client in clients) client.Dispose();
            }

            await party.ExpectAsync("the address comes in again", () => CanLogIn(mesh).GetAwaiter().GetResult());
        });
    }

    /// <summary>A thousand connections of one address that say nothing at all.</summary>
    public static async Task SilentConnectionsAreLimitedByAddress(IMeshUnderTest mesh, string room, int limit)
    {
        await BesideACallAsync(mesh, room, 53, async party =>
        {
            var sockets = new List<Socket>();
            try
            {
                for (var i = 0; i < 1000; i++)
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    sockets.Add(socket);
                    socket.Bind(new IPEndPoint(BadAddress, 0));
                    try
                    {
                        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, mesh.WebSocket.Port));
                    }
                    catch (SocketException)
                    {
                        // Reset before the system told us that it was open: refused as well.
                    }
                }

                await party.ExpectAsync("no more than the limit stay", () => sockets.Count(IsOpen) <= limit);
                Assert.True(sockets.Count(IsOpen) > limit / 2);
                await party.JoinAsync(room, 1);
                await party.ExpectMediaAsync(party.Clients);
            }
            finally
            {
                foreach (var socket in sockets) socket.Dispose();
            }

            await party.ExpectAsync("the address comes in again", () => CanLogIn(mesh).GetAwaiter().GetResult());
        });

        static bool IsOpen(Socket socket)
        {
            try
            {
                return socket.Connected && !(socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0);
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    /// <summary>One client asks for a thousand conferences and joins each.</summary>
    public static async Task RoomsOfOneClientAreLimited(IMeshUnderTest mesh, string room, int limit)
    {
        await BesideACallAsync(mesh, room, 54, async party =>
        {
            using var client = RawClient.From(mesh, BadAddress);
            await client.LogInAsync(mesh);
            client.StartReading();
            for (var i = 0; i < 1000; i++)
            {
                await client.SendAsync($"<iq xmlns='jabber:client' type='set' id='c{i}' to='focus.{mesh.Domain}'><conference xmlns='http://jitsi.org/protocol/focus' room='{room}-{i}@{mesh.MucDomain}'/></iq>");
                if (i < 20) await party.ExpectAsync("focus answers", () => client.Stanzas.Any(s => s["id"] == $"c{i}"));
                await client.SendAsync($"<presence xmlns='jabber:client' id='p{i}' to='{room}-{i}@{mesh.MucDomain}/{client.Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
            }

            await party.ExpectAsync("the last is answered", () => client.Stanzas.Any(s => s["id"] == "p999" && s["type"] == "error"));
            var refused = client.Stanzas.Where(s => s["type"] == "error").ToList();
            Assert.All(refused, s => Assert.Equal((StanzaErrorType.Wait, "resource-constraint"), (StanzaError.Read(s).Type, StanzaError.Read(s).Condition)));
            var own = client.Stanzas.Where(s => s.Name == "presence" && s["type"] is null && s["from"]?.EndsWith("/" + client.Nick, StringComparison.Ordinal) == true);
            Assert.Equal(limit, own.Select(s => s["from"]).Distinct().Count());
            Assert.Equal(1000 - limit, refused.Count(s => s.Name == "presence"));

            // Not a word too many closed the stream, and rooms that are left are free again.
            await Task.Delay(TimeSpan.FromSeconds(1));
            await client.SendAsync("<presence xmlns='jabber:client' type='unavailable'/>");
            await client.SendAsync($"<presence xmlns='jabber:client' id='again' to='{room}-1@{mesh.MucDomain}/{client.Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
            await client.SendAsync($"<iq xmlns='jabber:client' type='get' id='ping' to='{mesh.Domain}'><ping xmlns='urn:xmpp:ping'/></iq>");
            await party.ExpectAsync("it is served again", () => client.Stanzas.Any(s => s["id"] == "ping" && s["type"] == "result"));
            // The room may have ended by now, and then wants a conference request first; the limit is what must not stand in the way.
            Assert.DoesNotContain(client.Stanzas, s => s["id"] == "again" && s["type"] == "error" && StanzaError.Read(s).Condition == "resource-constraint");
        });
    }

    /// <summary>A client reads nothing while many others of its room tell it as much as each may: one of them alone may not say so much.</summary>
    public static async Task WhoDoesNotReadIsCutOff(IMeshUnderTest mesh, string room, int seconds)
    {
        const int Loud = 32;
        await BesideACallAsync(mesh, room, 55, async party =>
        {
            var other = room + "-loud";
            using var deaf = RawClient.From(mesh, BadAddress);
            await deaf.LogInAsync(mesh);
            await deaf.JoinAsync(mesh, other);
            var loud = new List<RawClient>();
            try
            {
                for (var i = 0; i < Loud; i++)
                {
                    loud.Add(RawClient.From(mesh, BadAddress));
                    await loud[i].LogInAsync(mesh);
                    await loud[i].JoinAsync(mesh, other);
                    loud[i].StartReading();
                }

                await party.ExpectAsync("all are there", () => loud.All(one => one.Stanzas.Any(s => s["from"]?.EndsWith("/" + deaf.Nick, StringComparison.Ordinal) == true)));
                var before = ProcessUse.AfterCollection();
                var text = Encoding.UTF8.GetBytes($"<message xmlns='jabber:client' type='chat' to='{other}@{mesh.MucDomain}/{deaf.Nick}'><body>{new string('x', 50_000)}</body></message>");
                var sent = 0;
                for (var end = DateTime.UtcNow.AddSeconds(seconds); DateTime.UtcNow < end;)
                {
                    foreach (var one in loud)
                    {
                        await one.SendAsync(text);
                        sent++;
                    }

                    await Task.Delay(20);
                }

                foreach (var one in loud) one.Stanzas.Clear();
                await party.ExpectAsync(
                    "the deaf one has left", () => !mesh.InnerAsync("/debug/signalling").GetAwaiter().GetResult().Contains(deaf.Nick, StringComparison.Ordinal), seconds: 90);
                var after = ProcessUse.AfterCollection();
                Assert.True(sent > 100, $"{sent}");
                Assert.True(after.Managed - before.Managed < 64L << 20, $"{before.Memory}, then {after.Memory} with {sent} messages of 50 kB sent");
            }
            finally
            {
                foreach (var one in loud) one.Dispose();
            }
        });
    }

    /// <summary>Runs an attack beside a call of three, which must not notice.</summary>
    private static async Task BesideACallAsync(IMeshUnderTest mesh, string room, ulong seed, Func<Party, Task> attack)
    {
        await using var party = new Party(mesh, seed);
        await party.JoinAsync(room, 3);
        await party.ExpectMediaAsync(party.Clients);
        await attack(party);
        await party.ExpectMediaAsync(party.Clients);
        foreach (var client in party.Clients)
        {
            Assert.Equal(0, client.Read(p => p.LeavesSeen));
            Assert.Equal(0, client.Read(p => p.Stream.Resumptions));
            Assert.Single(client.History.OfType<ParticipantEvent.Offered>());
        }

        Assert.DoesNotContain(mesh.Log, l => l.Level >= LogLevel.Error);
    }

    private static async Task<bool> CanLogIn(IMeshUnderTest mesh)
    {
        using var client = RawClient.From(mesh, BadAddress);
        return await client.TryDialAsync(mesh);
    }

    private static (byte[], WebSocketMessageType, string?) Text(string frame, string condition) => (Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, condition);
}
