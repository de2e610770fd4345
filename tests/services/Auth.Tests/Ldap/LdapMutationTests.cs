using System.Diagnostics.Metrics;
using System.Globalization;
using JitsiMesh.Contracts.Auth;
using Xunit.Abstractions;

namespace JitsiMesh.Auth.Tests.Ldap;

/// <summary>
/// A directory whose answers are damaged: 1,000 logins, 10,000 where MESH_TEST_MODE is ci, 100,000 where it is full. Nobody is admitted but by answers that say so, no exception
/// escapes, and each refusal is counted.
/// </summary>
public sealed class LdapMutationTests(ITestOutputHelper output)
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("MESH_TEST_MODE") switch { "full" => 100_000, "ci" => 10_000, _ => 1_000 };

    [Fact]
    public async Task Damaged_answers_admit_nobody()
    {
        var seed = Environment.GetEnvironmentVariable("MESH_TEST_SEED") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : Environment.ProcessId;
        var random = new Random(seed);
        var gate = new Lock();
        var success = false;
        using var counted = new RefusalCount();
        using var server = new FakeDirectory(request =>
        {
            lock (gate)
            {
                var answer = Mutate(random, AnswerTo(request, random.Next(10) == 0 ? (byte)0 : (byte)49));

                // The only answer that may admit: well formed, of the bind that was asked, and successful.
                if (request.Operation == 0x60 && IsSuccess(answer, request.Id)) success = true;
                return answer;
            }
        });
        await using var auth = LdapHarness.With(("LDAP_URL", server.Address), ("LDAP_BASE", "dc=x"), ("LDAP_MODERATOR_GROUPS", "cn=hosts,dc=x"));
        var outcomes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            success = false;
            var answer = await auth.LoginAsync(FormattableString.Invariant($"user{round % 50_000}"), "a password");
            var outcome = answer.OutcomeCase == AdmitResponse.OutcomeOneofCase.Refused ? answer.Refused.Reason : "admitted";
            if (outcome == "admitted") Assert.True(success, FormattableString.Invariant($"Round {round} of seed {seed}: somebody was admitted without an answer that says so."));
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        Assert.Equal(Rounds, outcomes.Values.Sum());
        Assert.Equal(outcomes.OrderBy(o => o.Key, StringComparer.Ordinal), counted.Outcomes.OrderBy(o => o.Key, StringComparer.Ordinal));
        Assert.All(["admitted", "wrong_password", "unknown_user", "ldap_answer"], reason => Assert.True(outcomes.ContainsKey(reason), FormattableString.Invariant($"seed {seed}: never {reason}")));
        Assert.DoesNotContain(auth.Log.Text.Split('\n'), line => line.StartsWith("Critical: ", StringComparison.Ordinal));
        output.WriteLine($"MESH_TEST_SEED={seed}: " + string.Join(", ", outcomes.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Key} {o.Value}")));
    }

    private static byte[] AnswerTo(ReceivedRequest request, byte code) => request.Operation == 0x60
        ? FakeDirectory.Message(request.Id, 1, [0x0A, 1, code, 4, 0, .. FakeDirectory.Text("80090308: data 52e, v1")])
        : code == 0 ? FakeDirectory.Message(request.Id, 5, [0x0A, 1, 0, 4, 0, 4, 0])
        : [
            .. FakeDirectory.Message(request.Id, 4, [.. FakeDirectory.Text("uid=user,dc=x"), .. FakeDirectory.Wrap(0x30,
                FakeDirectory.Wrap(0x30, FakeDirectory.Text("cn"), FakeDirectory.Wrap(0x31, FakeDirectory.Text("User"))),
                FakeDirectory.Wrap(0x30, FakeDirectory.Text("memberOf"), FakeDirectory.Wrap(0x31, FakeDirectory.Text("cn=hosts,dc=x"), FakeDirectory.Text("cn=team,dc=x"))))]),
            .. FakeDirectory.Message(request.Id, 5, [0x0A, 1, 0, 4, 0, 4, 0]),
        ];

    // Nothing is cut off at the end: that would be a wait of five seconds each. What is too short is shortened in its lengths.
    private static byte[] Mutate(Random random, byte[] answer)
    {
        var bytes = answer.ToList();
        var count = random.Next(0, 4);
        if (count == 0) return answer;
        for (; count > 0; count--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.Insert(at, (byte)random.Next(256)); break;
                case 3: bytes.RemoveAt(at); bytes.Add((byte)random.Next(256)); break;
                default: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 9), bytes.Count - at))); break;
            }
        }

        // Octets behind the answer: a length that grew is filled up, so that it is refused or read and not waited for.
        bytes.AddRange(Enumerable.Repeat((byte)0xFF, 70_000));
        return [.. bytes];
    }

    // Read by hand, so that the decoder under test does not judge itself.
    private static bool IsSuccess(byte[] answer, int id)
    {
        if (answer[0] != 0x30) return false;
        var at = answer[1] < 0x80 ? 2 : 2 + (answer[1] & 0x7F);
        for (; at + 8 < 64; at++)
        {
            // Somewhere near the beginning: the id, a bind response, and the code 0 as an enumeration.
            if (answer[at] != 2) continue;
            var length = answer[at + 1];
            if (length is 0 or > 4) continue;
            var value = 0;
            for (var i = 0; i < length; i++) value = (value << 8) | answer[at + 2 + i];
            var operation = at + 2 + length;
            if (value != id || answer[operation] != 0x61) continue;
            var code = operation + (answer[operation + 1] < 0x80 ? 2 : 2 + (answer[operation + 1] & 0x7F));
            if (answer[code] == 0x0A && answer[code + 1] is >= 1 and <= 4 && Enumerable.Range(0, answer[code + 1]).All(i => answer[code + 2 + i] == 0)) return true;
        }

        return false;
    }

    private sealed class RefusalCount : IDisposable
    {
        private readonly MeterListener _listener = new();

        public RefusalCount()
        {
            var flow = new object();
            Current.Value = flow;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "jitsimesh.auth.admissions") listener.EnableMeasurementEvents(instrument);
            };

            // Other tests of the process are counted by the same meter.
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                if (Current.Value != flow) return;
                foreach (var (key, tag) in tags)
                {
                    if (key == "outcome" && tag is string outcome) Outcomes[outcome] = Outcomes.GetValueOrDefault(outcome) + (int)value;
                }
            });
            _listener.Start();
        }

        public Dictionary<string, int> Outcomes { get; } = new(StringComparer.Ordinal);

        private static AsyncLocal<object?> Current { get; } = new();

        public void Dispose() => _listener.Dispose();
    }
}
