using System.Diagnostics.Metrics;
using System.Text;
using JitsiMesh.Auth.Tests.Kit;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Auth.Tests.Accounts;

/// <summary>Who is not let in, and what he learns from it.</summary>
public sealed class RefusalTests
{
    private const string Password = "the right password";
    private static readonly string[] Mechanisms = ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"];

    [Fact]
    public async Task Whatever_is_wrong_is_answered_alike()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        await auth.AddAsync("anna", Password);
        await auth.AddAsync("gone", Password);
        await auth.Accounts.RemoveAsync("gone", CancellationToken.None);
        var address = 0;
        foreach (var (name, password) in new[] { ("anna", "a wrong password"), ("nobody", Password), ("gone", Password), ("no name @ all", Password), ("anna", "con\u0007trol") })
        {
            foreach (var mechanism in Mechanisms)
            {
                var from = $"a{address++}";
                var answer = mechanism == "PLAIN" ? await auth.PlainAsync(name, password, address: from) : await auth.ScramAsync(mechanism, name, password, address: from);
                Assert.Equal(("not-authorized", ""), (answer.Refused.Condition, answer.Refused.Text));
                Assert.Contains(answer.Refused.Reason, (string[])["wrong_password", "unknown_account"]);
            }
        }
    }

    [Fact]
    public async Task The_challenge_of_an_unknown_name_looks_like_anybodys_and_stays_the_same()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        await auth.AddAsync("anna", Password);
        foreach (var mechanism in (string[])["SCRAM-SHA-256", "SCRAM-SHA-1"])
        {
            var known = await SaltAsync(auth, mechanism, "anna");
            var unknown = await SaltAsync(auth, mechanism, "nobody");
            Assert.Equal(unknown, await SaltAsync(auth, mechanism, "Nobody"));
            Assert.NotEqual(unknown.Salt, (await SaltAsync(auth, mechanism, "another")).Salt);
            Assert.Equal((known.Salt.Length, known.Iterations), (unknown.Salt.Length, unknown.Iterations));
        }

        Assert.NotEqual(await SaltAsync(auth, "SCRAM-SHA-256", "nobody"), await SaltAsync(auth, "SCRAM-SHA-1", "nobody"));
    }

    [Fact]
    public async Task Nobody_acts_for_somebody_else()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        await auth.AddAsync("anna", Password);
        foreach (var authorization in (string[])["boss@meet.jitsi", "anna@auth.meet.jitsi", "boss"])
        {
            Assert.Equal("invalid-authzid", (await auth.PlainAsync("anna", Password, authorization: authorization)).Refused.Condition);
            var client = new ScramClient("SCRAM-SHA-1", "anna", Password) { Header = $"n,a={authorization}," };
            Assert.Equal("invalid-authzid", (await auth.StepAsync("SCRAM-SHA-1", client.First)).Refused.Condition);
        }

        Assert.Equal("anna", (await auth.PlainAsync("anna", Password, authorization: "anna")).Admitted.Username);
    }

    [Fact]
    public async Task Tries_are_limited_and_the_right_password_does_not_help_until_the_minute_is_over()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var auth = await AuthModuleUnderTest.InternalAsync(time: time);
        await auth.AddAsync("anna", Password);
        for (var i = 0; i < 10; i++) Assert.Equal("wrong_password", (await auth.PlainAsync("anna", "guess")).Refused.Reason);
        foreach (var mechanism in Mechanisms)
        {
            var answer = mechanism == "PLAIN" ? await auth.PlainAsync("anna", Password) : await auth.ScramAsync(mechanism, "anna", Password);
            Assert.Equal(("temporary-auth-failure", "", "too_many_tries"), (answer.Refused.Condition, answer.Refused.Text, answer.Refused.Reason));
        }

        // The owner, at home.
        Assert.Equal("anna", (await auth.PlainAsync("anna", Password, address: "home")).Admitted.Username);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("anna", (await auth.PlainAsync("anna", Password)).Admitted.Username);
    }

    [Fact]
    public async Task The_audit_log_has_a_line_for_each_login_and_no_password()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        await auth.AddAsync("anna", Password);
        await auth.ScramAsync("SCRAM-SHA-256", "anna", Password, address: "tag1");
        await auth.PlainAsync("anna", "a guess of somebody", address: "tag2");
        await auth.PlainAsync("typed-into-the-wrong-field", Password, address: "tag3");
        for (var i = 0; i < 31; i++) await auth.PlainAsync($"name{i}", "guess", address: "tag4");
        await auth.StepAsync("PLAIN", [1, 2, 3], address: "tag5");

        var lines = auth.Log.Lines.Where(line => line.Event >= 9000).ToList();
        Assert.Equal((9001, "Login of anna@meet.jitsi: admitted (SCRAM-SHA-256, address tag1)"), lines[0]);
        Assert.Equal((9002, "Login of anna@meet.jitsi: refused, wrong_password (PLAIN, address tag2)"), lines[1]);
        Assert.Equal((9003, "Login on meet.jitsi: refused, unknown_account (PLAIN, address tag3)"), lines[2]);
        Assert.Contains((9004, "Login on meet.jitsi: refused, too_many_tries (PLAIN, address tag4)"), lines);
        Assert.Equal((9005, "Login on meet.jitsi: refused, malformed_login (PLAIN, address tag5)"), lines[^1]);
        Assert.DoesNotContain(auth.Log.Lines, line => line.Line.Contains(Password, StringComparison.Ordinal) || line.Line.Contains("guess", StringComparison.Ordinal) || line.Line.Contains("typed", StringComparison.Ordinal));
    }

    /// <summary>Messages of real exchanges with bytes changed, cut, doubled, or out of their order: nobody comes in, nothing is thrown, each is counted.</summary>
    [Fact]
    public async Task Mutated_messages_let_nobody_in_and_are_counted()
    {
        const ulong Seed = 5802;
        var rounds = Environment.GetEnvironmentVariable("MESH_TEST_MODE") == "full" ? 100_000 : 4_000;
        var random = new SeededRandomSource(Seed);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var auth = await AuthModuleUnderTest.InternalAsync(time: time);
        await auth.AddAsync("anna", Password);
        using var counted = new CountedOutcomes();
        var outcomes = new Dictionary<string, int>(StringComparer.Ordinal);
        var changed = 0;
        for (var round = 0; round < rounds; round++)
        {
            // So that the limits leave most of them to the check itself. Each PLAIN costs thousands of rounds of a hash.
            if (round % 8 == 0) time.Advance(TimeSpan.FromMinutes(1));
            var mechanism = random.NextInt(8) == 0 ? "PLAIN" : Mechanisms[random.NextInt(2)];
            var client = new ScramClient(mechanism, "anna", Password);
            byte[] message = mechanism == "PLAIN" ? Encoding.UTF8.GetBytes($"\0anna\0{Password}") : client.First;
            byte[] state = [];
            if (mechanism != "PLAIN" && random.NextInt(3) > 0)
            {
                var challenge = (await auth.StepAsync(mechanism, message)).Challenge;
                Add("challenged");
                state = challenge.State.ToByteArray();
                message = client.Final(challenge.Message.Span);
            }

            var original = message;
            message = Mutate(message, random);
            // The state comes back as it was; signalling's link may at worst mix two exchanges up.
            var swapped = state.Length > 0 && random.NextInt(20) == 0;
            if (swapped) state = (await auth.StepAsync(mechanism, new ScramClient(mechanism, "bob", Password).First)).Challenge is { } other ? Count(other.State.ToByteArray()) : [];
            var answer = await auth.StepAsync(mechanism, message, state, address: $"{round / 20}");
            if (answer.OutcomeCase == AdmitResponse.OutcomeOneofCase.Admitted)
            {
                // A change may undo itself; and in PLAIN one of how the name is written, or of who is meant to act, leaves the login the same.
                Assert.True((message.AsSpan().SequenceEqual(original) && !swapped) || (mechanism == "PLAIN" && IsSameLogin(message)), $"Seed {Seed}, round {round}: {mechanism} {Convert.ToHexString(message)} let in");
                Add("admitted");
                continue;
            }

            if (!message.AsSpan().SequenceEqual(original)) changed++;
            Add(answer.OutcomeCase == AdmitResponse.OutcomeOneofCase.Challenge ? "challenged" : answer.Refused.Reason);
        }

        Assert.True(changed > rounds / 2, $"{changed} of {rounds} were changed");
        Assert.Equal(outcomes.OrderBy(o => o.Key, StringComparer.Ordinal), counted.ByOutcome.OrderBy(o => o.Key, StringComparer.Ordinal));
        Assert.All(outcomes.Keys, key => Assert.Contains(key, (string[])["challenged", "admitted", "malformed_login", "wrong_authorization", "wrong_password", "unknown_account", "too_many_tries"]));
        return;

        void Add(string outcome) => outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;

        byte[] Count(byte[] state)
        {
            Add("challenged");
            return state;
        }
    }

    private static bool IsSameLogin(byte[] message)
    {
        var parts = Encoding.UTF8.GetString(message).Split('\0');
        return parts.Length == 3 && string.Equals(parts[1], "anna", StringComparison.OrdinalIgnoreCase) && parts[2] == Password;
    }

    private static byte[] Mutate(byte[] message, SeededRandomSource random)
    {
        var bytes = message.ToList();
        for (var i = random.NextInt(3); i >= 0; i--)
        {
            var at = bytes.Count == 0 ? 0 : random.NextInt(bytes.Count);
            switch (random.NextInt(6))
            {
                case 0 when bytes.Count > 0:
                    bytes[at] = (byte)random.NextInt(256);
                    break;
                case 1 when bytes.Count > 0:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, ",=\0\n npracyv"u8[random.NextInt(12)]);
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(0, at));
                    break;
                default:
                    if (bytes.Count > 0) bytes[at] ^= (byte)(1 << random.NextInt(8));
                    break;
            }
        }

        return [.. bytes];
    }

    private static async Task<(string Salt, string Iterations)> SaltAsync(AuthModuleUnderTest auth, string mechanism, string name)
    {
        var answer = await auth.StepAsync(mechanism, new ScramClient(mechanism, name, "").First);
        var parts = answer.Challenge.Message.ToStringUtf8().Split(',');
        return (parts[1], parts[2]);
    }

    /// <summary>jitsimesh.auth.admissions, of this test alone: the counter belongs to the process.</summary>
    private sealed class CountedOutcomes : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly AsyncLocal<bool> _isOurs = new() { Value = true };

        public CountedOutcomes()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "jitsimesh.auth.admissions") listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                if (!_isOurs.Value) return;
                lock (ByOutcome) ByOutcome[(string)tags[0].Value!] = ByOutcome.GetValueOrDefault((string)tags[0].Value!) + (int)value;
            });
            _listener.Start();
        }

        public Dictionary<string, int> ByOutcome { get; } = new(StringComparer.Ordinal);

        public void Dispose() => _listener.Dispose();
    }
}
