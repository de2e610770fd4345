using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Xml.Linq;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Signalling;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>
/// A call of three with an attacker and an observer in its room, and a call of two in another room of the same mesh. The observer counts the
/// octets that each stanza of the attacker makes it receive, and reads them as a browser does: with an XML parser that is not ours.
/// </summary>
public sealed class AttackedRoom : IAsyncDisposable
{
    /// <summary>What one receiver gets of one stanza: so many times its octets, and so many octets more.</summary>
    private const int Factor = 2;
    private const int Allowance = 4096;
    private const string MucUser = "http://jabber.org/protocol/muc#user";

    /// <summary>Namespaces that an occupant's stanza has from the server alone, and as its own direct children.</summary>
    private static readonly string[] ServersOwn = [MucUser, "urn:xmpp:delay", "jabber:x:delay", "http://jabber.org/protocol/muc#admin", "http://jabber.org/protocol/muc#owner"];

    private static readonly IPAddress AttackersAddress = IPAddress.Parse("127.0.0.2");

    private readonly Party _call;
    private readonly Party _elsewhere;
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly HashSet<string> _attackers = new(StringComparer.Ordinal);
    private readonly bool _attackerFirst;
    private readonly int _errorsBefore;
    private long _octets;
    private int _marks;

    private AttackedRoom(IMeshUnderTest mesh, string room, ulong seed, bool attackerFirst)
    {
        Mesh = mesh;
        Room = room;
        _attackerFirst = attackerFirst;
        _call = new Party(mesh, seed);
        _elsewhere = new Party(mesh, seed + 500);
        Attacker = RawClient.From(mesh, AttackersAddress);
        Observer = RawClient.From(mesh);
        _errorsBefore = mesh.Log.Count(IsError);
    }

    public IMeshUnderTest Mesh { get; }

    public string Room { get; }

    public string Address => $"{Room}@{Mesh.MucDomain}";

    public RawClient Attacker { get; private set; }

    public RawClient Observer { get; }

    /// <summary>How often the server ended the attacker's stream.</summary>
    public int StreamsEnded { get; private set; }

    /// <summary>Runs an attack and checks that nobody but the attacker felt it.</summary>
    /// <param name="mesh">The mesh.</param>
    /// <param name="room">The attacked room's name.</param>
    /// <param name="seed">Of everything random.</param>
    /// <param name="attackerFirst">The attacker is the first in the room, and so its moderator.</param>
    /// <param name="attack">What the attacker does.</param>
    public static async Task RunAsync(IMeshUnderTest mesh, string room, ulong seed, bool attackerFirst, Func<AttackedRoom, Task> attack)
    {
        await using var attacked = new AttackedRoom(mesh, room, seed, attackerFirst);
        await attacked.BeginAsync();
        await attack(attacked);
        await attacked.CheckAsync();
    }

    /// <summary>Sends one frame of the attacker, and checks what the observer got because of it.</summary>
    /// <param name="frame">ROOM, MUC, DOMAIN and NICK are filled in.</param>
    public async Task FireAsync(string frame)
    {
        if (Attacker.HasEnded) await ComeAgainAsync();
        var bytes = Encoding.UTF8.GetBytes(Fill(frame));
        await MarkAsync();
        var before = Interlocked.Read(ref _octets);
        await Attacker.TrySendAsync(bytes);
        await SyncAttackerAsync();
        var got = await MarkAsync() - before;
        var excerpt = frame.Length > 200 ? frame[..200] : frame;
        Assert.True(got <= (Factor * bytes.Length) + Allowance, $"the observer got {got} octets of {bytes.Length}: {excerpt}");
        CheckSeen(excerpt);
    }

    /// <summary>Sends frames without looking at each; returns when the server has read them or ended the stream.</summary>
    public async Task FloodAsync(IEnumerable<string> frames)
    {
        await MarkAsync();
        foreach (var frame in frames)
        {
            if (Attacker.HasEnded) await ComeAgainAsync();
            await Attacker.TrySendAsync(Encoding.UTF8.GetBytes(Fill(frame)));
        }

        await SyncAttackerAsync();
        await MarkAsync();
        CheckSeen("a flood");
    }

    /// <summary>Sends frames as fast as the server reads them, and checks that the observer gets no more than one session may send in that time.</summary>
    public async Task FloodAsync(IEnumerable<string> frames, TimeSpan time)
    {
        var before = await MarkAsync();
        var client = Attacker;
        var sending = Task.Run(async () =>
        {
            foreach (var frame in frames)
            {
                if (!await client.TrySendAsync(Encoding.UTF8.GetBytes(Fill(frame)))) return;
            }
        });
        var started = Stopwatch.GetTimestamp();
        await Task.Delay(time);
        var got = await MarkAsync() - before;
        var allowed = SignallingLimits.OctetBurst + SignallingLimits.StanzaOctets + (SignallingLimits.OctetsPerSecond * Stopwatch.GetElapsedTime(started).TotalSeconds);
        Assert.True(got > SignallingLimits.OctetBurst / 2, $"the observer got {got} octets: nothing was tried");
        Assert.True(got <= allowed, $"the observer got {got} octets, {allowed} are one session's");
        client.Dispose();
        await sending;
        CheckSeen("a flood");
    }

    /// <summary>Sends a request and returns its answer; null when the stream ended instead.</summary>
    public async Task<XmppElement?> AskAsync(string iq)
    {
        if (Attacker.HasEnded) await ComeAgainAsync();
        var id = string.Create(CultureInfo.InvariantCulture, $"ask-{++_marks}");
        var client = Attacker;
        await client.TrySendAsync(Encoding.UTF8.GetBytes(Fill(iq).Replace("ASKED", id, StringComparison.Ordinal)));
        await ExpectAsync($"an answer to {iq[..Math.Min(200, iq.Length)]}", () => client.HasEnded || client.Stanzas.Any(stanza => stanza["id"] == id && stanza["type"] is "result" or "error"));
        await SyncAttackerAsync();
        var answers = client.Stanzas.Where(stanza => stanza["id"] == id && stanza.Name != "presence").ToList();
        Assert.True(answers.Count <= 1, $"{answers.Count} answers to {iq}");
        return answers.SingleOrDefault();
    }

    public Task ExpectAsync(string what, Func<bool> condition, int seconds = 60) => _call.ExpectAsync(what, condition, seconds);

    public async ValueTask DisposeAsync()
    {
        Attacker.Dispose();
        Observer.Dispose();
        await _call.DisposeAsync();
        await _elsewhere.DisposeAsync();
    }

    private async Task BeginAsync()
    {
        if (_attackerFirst) await EnterAsync();
        await _call.JoinAsync(Room, 3, Party.SteadyMedia);
        await _elsewhere.JoinAsync(Room + "-elsewhere", 2, Party.SteadyMedia);
        if (!_attackerFirst) await EnterAsync();
        Observer.Tap = frame =>
        {
            Interlocked.Add(ref _octets, Encoding.UTF8.GetByteCount(frame));
            _seen.Enqueue(frame);
        };
        await Observer.LogInAsync(Mesh, Room);
        await Observer.JoinAsync(Mesh, Room);
        Observer.StartReading();
        await _call.ExpectMediaAsync(_call.Clients);
        await _elsewhere.ExpectMediaAsync(_elsewhere.Clients);
    }

    private async Task EnterAsync()
    {
        await Attacker.LogInAsync(Mesh, Room);
        await Attacker.JoinAsync(Mesh, Room);
        Attacker.StartReading();
        lock (_attackers) _attackers.Add(Attacker.Nick);
        await SyncAttackerAsync();
    }

    private async Task ComeAgainAsync()
    {
        StreamsEnded++;
        Attacker.Dispose();
        Attacker = RawClient.From(Mesh, AttackersAddress);
        await EnterAsync();
    }

    // The server reads a session's stanzas in order: the answer to a ping follows all that came before.
    private async Task SyncAttackerAsync()
    {
        var client = Attacker;
        var id = string.Create(CultureInfo.InvariantCulture, $"sync-{++_marks}");
        await client.TrySendAsync(Encoding.UTF8.GetBytes($"<iq xmlns='jabber:client' type='get' id='{id}' to='{Mesh.Domain}'><ping xmlns='urn:xmpp:ping'/></iq>"));
        await ExpectAsync("the attacker's session answers or ends", () => client.HasEnded || client.Stanzas.Any(stanza => stanza["id"] == id));
    }

    /// <summary>The observer says something in the room and waits for it: all before it has come. Returns the octets without this.</summary>
    private async Task<long> MarkAsync()
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"mark-{++_marks}");
        await Observer.SendAsync($"<message xmlns='jabber:client' type='groupchat' id='{id}' to='{Address}'><mark xmlns='urn:test'/></message>");
        await ExpectAsync("the observer is served", () => Observer.HasEnded || Observer.Stanzas.Any(stanza => stanza["id"] == id));
        Assert.False(Observer.HasEnded, "the observer was cut off");
        var own = _seen.Where(frame => frame.Contains($"\"{id}\"", StringComparison.Ordinal)).Sum(Encoding.UTF8.GetByteCount);
        return Interlocked.Add(ref _octets, -own);
    }

    private void CheckSeen(string excerpt)
    {
        while (_seen.TryDequeue(out var frame))
        {
            var stanza = XElement.Parse(frame);
            if (stanza.Name.LocalName is not ("message" or "presence" or "iq")) continue;
            var from = (string?)stanza.Attribute("from") ?? "";
            lock (_attackers)
            {
                if (!_attackers.Contains(from[(from.LastIndexOf('/') + 1)..])) continue;
            }

            Assert.StartsWith(Address + "/", from, StringComparison.Ordinal);
            var first = stanza.Descendants().FirstOrDefault(element => element.Name.LocalName == "x" && element.Name.NamespaceName == MucUser);
            if (stanza.Name.LocalName == "presence" && (string?)stanza.Attribute("type") is null or "unavailable")
            {
                Assert.True(first is not null && first.Parent == stanza && first == stanza.Elements().First(), $"the server's element is not the first: {excerpt} -> {frame}");
            }

            foreach (var element in stanza.Descendants())
            {
                if (element.Parent == stanza && element == first) continue;
                if (element.Ancestors().Contains(first)) continue;
                Assert.False(ServersOwn.Contains(element.Name.NamespaceName, StringComparer.Ordinal), $"smuggled <{element.Name}>: {excerpt} -> {frame}");
            }

            if (first is null) continue;
            foreach (var item in first.Descendants().Where(element => element.Name.LocalName == "item"))
            {
                var jid = (string?)item.Attribute("jid");
                Assert.True(jid is null || jid.EndsWith("@" + Mesh.Domain + jid[jid.LastIndexOf('/')..], StringComparison.Ordinal), $"{excerpt} -> {frame}");
            }
        }
    }

    private async Task CheckAsync()
    {
        await _call.ExpectMediaAsync(_call.Clients);
        await _elsewhere.ExpectMediaAsync(_elsewhere.Clients);
        foreach (var client in (JitsiMesh.Headless.Sockets.HeadlessClient[])[.. _call.Clients, .. _elsewhere.Clients])
        {
            Assert.Equal(0, client.Read(p => p.Stream.Resumptions));
            Assert.Equal(0, client.Read(p => p.FocusLeavesSeen));
            Assert.Single(client.History.OfType<ParticipantEvent.Offered>());
            Assert.Empty(client.History.OfType<ParticipantEvent.Terminated>());
            Assert.Empty(client.History.OfType<ParticipantEvent.Left>());
        }

        Assert.False(Observer.HasEnded, "the observer was cut off");

        // A newcomer gets in, sees everybody, and gets media; and so does another room that begins now.
        await _call.JoinAsync(Room, 1, Party.SteadyMedia);
        await _call.ExpectMediaAsync(_call.Clients);
        await _elsewhere.JoinAsync(Room + "-new", 2, Party.SteadyMedia);
        await _elsewhere.ExpectMediaAsync([_elsewhere[^2], _elsewhere[^1]]);
        Assert.Empty(Mesh.Log.Where(IsError).Skip(_errorsBefore));
    }

    private string Fill(string text) => text
        .Replace("ROOM", Room, StringComparison.Ordinal).Replace("MUC", Mesh.MucDomain, StringComparison.Ordinal)
        .Replace("DOMAIN", Mesh.Domain, StringComparison.Ordinal).Replace("NICK", Attacker.Nick, StringComparison.Ordinal)
        .Replace("OBSERVER", Observer.Nick, StringComparison.Ordinal);

    private static bool IsError(LogLine line) => line.Level >= LogLevel.Error;
}
