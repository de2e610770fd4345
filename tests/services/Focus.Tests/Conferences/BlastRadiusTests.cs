using System.Globalization;
using System.Text.Json.Nodes;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;
using Xunit.Abstractions;

namespace JitsiMesh.Focus.Tests.Conferences;

/// <summary>
/// Whatever one participant sends, and however the bridge fails on it: nobody else notices. 2,000 requests, 10,000 where
/// <c>MESH_TEST_MODE</c> is <c>full</c>; <c>BLAST_SEED</c> repeats a run.
/// </summary>
public sealed class BlastRadiusTests(ITestOutputHelper output)
{
    private const string Attacker = "mal";
    private const int RequestsOfAWorld = 50;
    private const int CallsOfARequest = 8;

    // One whom the bridge refuses is tried again, at most five times a minute.
    private const int CallsOfHalfAMinute = 20;

    private static readonly BridgeFailure[] OfOneEndpoint =
    [
        BridgeFailure.BadRequest, BridgeFailure.Unspecified, BridgeFailure.TimedOut, BridgeFailure.Overloaded, BridgeFailure.UnknownEndpoint, BridgeFailure.EndpointExists, BridgeFailure.NotImplemented,
    ];

    [Fact]
    public void No_request_of_a_participant_reaches_anybody_else()
    {
        var requests = Environment.GetEnvironmentVariable("MESH_TEST_MODE") == "full" ? 10_000 : 2_000;
        var seed = ulong.TryParse(Environment.GetEnvironmentVariable("BLAST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : 20261204;
        output.WriteLine($"BLAST_SEED={seed}, {requests} requests");
        var answered = new Dictionary<string, int>();
        for (var done = 0; done < requests; done += RequestsOfAWorld)
        {
            var worldSeed = seed + (ulong)done;
            var world = new World(worldSeed);
            for (var i = 0; i < RequestsOfAWorld; i++)
            {
                try
                {
                    world.Fire();
                    answered[world.LastAnswer] = answered.GetValueOrDefault(world.LastAnswer) + 1;
                }
                catch (Exception exception)
                {
                    Assert.Fail($"BLAST_SEED={seed}, request {done + i} (world {worldSeed}): {world.LastStanza}\n{exception}");
                }
            }
        }

        foreach (var (answer, count) in answered.OrderByDescending(pair => pair.Value)) output.WriteLine($"{answer}: {count}");
        // Not everything is turned away at the door.
        Assert.True(answered.GetValueOrDefault("result") > requests / 50, "Hardly any request was granted.");
        Assert.True(answered.Count >= 6, "Hardly any kind of answer was seen.");
    }

    /// <summary>Two conferences on the same two bridges: ann, bob and the attacker in one, eve and fay in the other.</summary>
    private sealed class World
    {
        private readonly FakeBridge[] _bridges = [new("jvb-1"), new("jvb-2")];
        private readonly BridgePool _pool = new(new BridgeSelectionOptions());
        private readonly SeededRandomSource _random;
        private readonly FocusScenario _attacked;
        private readonly FocusScenario _other;
        private readonly HostileOccupant _hostile;
        private readonly ParticipantFeatures _honest;
        private readonly string _otherStored;
        private readonly string _otherOnBridges;
        private readonly int _failuresPercent;

        public World(ulong seed)
        {
            _random = new SeededRandomSource(seed);
            _failuresPercent = _random.NextInt(3) * 20;
            _attacked = new FocusScenario(FocusScenario.Room, _bridges) { ReloadAlways = true };
            _other = new FocusScenario("other@conference.meet.example", _bridges) { ReloadAlways = true };
            _hostile = new HostileOccupant(_attacked, Attacker, _random);
            foreach (var bridge in _bridges) _pool.Observe(new BridgeStatusReported { BridgeId = bridge.Id, Number = 1, StartedAt = DateTimeOffset.UnixEpoch, ControlAddress = "inproc:" + bridge.Id }, _attacked.Now);
            foreach (var nick in new[] { "eve", "fay" }) _other.Join(nick);
            _attacked.Join("ann", FakeClient.ModernFeatures, configure: client => client.AnnouncesCaps = true);
            _attacked.Join("bob", FakeClient.PlainFeatures);
            _honest = _attacked.Caps.Values.Single();
            JoinAttacker();
            (_otherStored, _otherOnBridges) = (Stored(_other), OnBridges(_other));
        }

        public string? LastStanza { get; private set; }

        public string LastAnswer { get; private set; } = "";

        public void Fire()
        {
            var before = Innocent();
            foreach (var client in Innocents) client.Received.Clear();
            var said = _attacked.SaidOfBridges.Count;

            LastStanza = "time passes";
            foreach (var bridge in _bridges)
            {
                bridge.Sabotage = change => change.Id == Attacker && _random.NextInt(100) < _failuresPercent ? OfOneEndpoint[_random.NextInt(OfOneEndpoint.Length)] : BridgeFailure.None;
            }

            var calls = Calls;
            _attacked.Advance(_random.NextInt(4) == 0 ? _random.NextInt(30) : _random.NextDouble());
            Assert.InRange(Calls - calls, 0, CallsOfHalfAMinute);
            calls = Calls;
            Act();
            Assert.InRange(Calls - calls, 0, CallsOfARequest);
            Assert.Equal(before, Innocent());
            foreach (var client in Innocents)
            {
                foreach (var iq in client.Received) AssertOnlyTheAttackersSources(iq);
            }

            Assert.False(_attacked.FocusLeft || _attacked.IsOver || _other.IsOver || _attacked.Ended is not null);
            Assert.Equal((_otherStored, _otherOnBridges), (Stored(_other), OnBridges(_other)));
            Assert.NotNull(ConferenceDocument.TryLoad(_attacked.Stored, out _));
            foreach (var caps in _attacked.Caps.Where(pair => pair.Key.Contains(AnnsHash(), StringComparison.Ordinal))) Assert.Equal(_honest, caps.Value);
            AssertThePool(said);
        }

        private int Calls => _bridges.Sum(bridge => bridge.Requests.Count);

        private IEnumerable<FakeClient> Innocents => [_attacked["ann"], _attacked["bob"], _other["eve"], _other["fay"]];

        private void Act()
        {
            var isOut = _attacked.Conference.Document.Find(Attacker)?.Session is not { Phase: not SessionPhase.Ended };
            if (_random.NextInt(isOut ? 3 : 25) == 0)
            {
                LastStanza = "leaves and joins";
                _attacked.Leave(Attacker);
                JoinAttacker();
                LastAnswer = "joined";
                return;
            }

            var stanza = _hostile.Next();
            LastStanza = stanza.ToString();
            var (answers, answer) = _attacked.Send(Attacker, stanza);
            Assert.Equal(Stanzas.IsRequest(stanza) ? 1 : 0, answers);
            LastAnswer = answer is null ? stanza.Name : answer["type"] == "result" ? "result" : StanzaError.Read(answer).Condition;
        }

        // Sometimes it poses as a client of ann's kind that can do nothing.
        private void JoinAttacker() => _attacked.Join(Attacker, _random.NextInt(2) == 0 ? FakeClient.ModernFeatures : FakeClient.PlainFeatures, configure: client =>
        {
            client.AnnouncesCaps = _random.NextInt(2) == 0;
            client.AutoAccept = _random.NextInt(4) > 0;
            client.RefusesOffers = _random.NextInt(8) == 0;
            client.DiscoAnswer = _random.NextInt(4) switch
            {
                0 => new XmppElement("query", Namespaces.DiscoInfo),
                1 => new XmppElement("query", Namespaces.DiscoInfo).Add(new XmppElement("identity", Namespaces.DiscoInfo, ("category", "client"), ("type", "web"), ("name", string.Join('<', FakeClient.ModernFeatures)))),
                _ => null,
            };
        });

        private string AnnsHash() => CapsHash.TryCompute(_attacked["ann"].DiscoInfo(), out var hash) ? hash : "?";

        private string Innocent() => string.Join('\n', new[] { "ann", "bob" }.Select(nick =>
        {
            var participant = JsonNode.Parse(_attacked.Stored["p:" + nick])!;
            // What it was told of the attacker's sources may change.
            foreach (var told in new[] { "Signalled", "ToldAt" }) participant["Session"]!.AsObject().Remove(told);
            return participant.ToJsonString();
        })) + OnBridges(_attacked);

        private static string Stored(FocusScenario scenario) => string.Join('\n', scenario.Stored.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key} {Convert.ToHexString(field.Value)}"));

        private string OnBridges(FocusScenario scenario) => string.Join('\n',
            from bridge in _bridges
            where bridge.Conferences.ContainsKey(scenario.MeetingId)
            from endpoint in bridge.Conferences[scenario.MeetingId].Endpoints
            where endpoint.Key != Attacker
            select $"{bridge.Id} {endpoint.Key} {endpoint.Value.RemoteUfrag} {endpoint.Value.ForceMute} {endpoint.Value.LastN} {endpoint.Value.IceGeneration} {string.Join(' ', endpoint.Value.Ssrcs)}");

        private static void AssertOnlyTheAttackersSources(XmppElement iq)
        {
            Assert.NotNull(iq.Child("jingle"));
            var message = FakeClient.Read(iq.Child("jingle")!);
            Assert.True(message.Action is JingleAction.SourceAdd or JingleAction.SourceRemove, iq.ToString());
            foreach (var owned in message.Contents.SelectMany(content => content.Description!.Sources))
            {
                Assert.Equal(Attacker, owned.Owner);
                Assert.DoesNotContain(owned.Source.Ssrc, new uint[] { 2711, 8154 });
                Assert.True(owned.Source.Name?.StartsWith("mal-", StringComparison.Ordinal) != false, iq.ToString());
                Assert.DoesNotContain("mixedmslabel", owned.Source.Msid ?? "", StringComparison.OrdinalIgnoreCase);
            }

            Assert.True(message.CompactSources is null || message.CompactSources.Entries.All(entry => entry.Key == Attacker), iq.ToString());
        }

        private void AssertThePool(int said)
        {
            foreach (var one in _attacked.SaidOfBridges.Skip(said))
            {
                var failed = Assert.IsType<AllocationFailed>(one);
                _pool.AllocationFailed(failed.BridgeId, $"{failed.BridgeId}|{DateTimeOffset.UnixEpoch.UtcTicks}", _attacked.RoomJid, _attacked.Now);
            }

            Assert.Empty(_other.SaidOfBridges);
            Assert.All(_bridges, bridge => Assert.True(_pool.Snapshot(MonotonicTime.FromSeconds(1000)).Find(bridge.Id) is { Lost: false, Suspect: false }));
        }
    }
}
