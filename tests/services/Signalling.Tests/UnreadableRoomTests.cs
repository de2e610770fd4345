using System.Text;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Signalling.Tests;

/// <summary>What stands in the store and is no room of ours costs that room, not the partition that it lies in.</summary>
public sealed class UnreadableRoomTests
{
    private const int Partition = 7;
    private const string Good = """{"MeetingId":"meeting-1"}""";

    public static TheoryData<string, string, string> Documents => new()
    {
        // Name | fields | the room is there afterwards
        { "no-json", "room=x", "" },
        { "no-object", "room=5", "" },
        { "cut-off", "room={\"MeetingId\":", "" },
        { "nothing-required", "room={}", "" },
        { "null", "room=null", "" },
        { "no-room", "link=5", "" },
        { "surrogate", "room={\"MeetingId\":\"\\ud800\"}", "" },
        { "occupant-no-json", $"room={Good};occupant:a=xx", "" },
        { "occupant-of-nothing", $"room={Good};occupant:a={{}}", "there" },
        { "affiliations", $"room={Good};affiliations=[5]", "" },
        { "history", $"room={Good};history={{}}", "" },
        { "module", $"room={Good};module:polls=x", "" },
        { "journal", $"room={Good};link=[null]", "there" },
        { "outbox", $"room={Good};link={{\"Stream\":\"s\",\"Taken\":[],\"Sent\":{{}}}};outbox=[null,{{\"Queue\":\"\",\"Envelope\":null}}]", "there" },
        { "outbox-no-json", $"room={Good};link={{\"Stream\":\"s\",\"Taken\":[],\"Sent\":{{}}}};outbox=5", "there" },
    };

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task An_unreadable_document_leaves_the_partitions_other_rooms_to_their_owner(string name, string fields, string there)
    {
        var store = new InMemoryMeshStore(TimeProvider.System);
        using var metrics = new SignallingMetrics();
        var clock = new MeshClock(TimeProvider.System);
        var services = new MailboxServices(store, new Deliverer(new SessionRegistry(clock, metrics), new SilentLink(), metrics, NullLogger<Deliverer>.Instance), clock, metrics, NullLogger<PartitionMailbox>.Instance);
        await WriteAsync("aaa", "room=" + Good);
        await WriteAsync(name, fields);
        await WriteAsync("zzz", "room=" + Good);

        for (var epoch = 2; epoch < 4; epoch++)
        {
            var owned = await OwnedRooms.AcquireAsync(new SignallingFeatures(new SignallingOptions()).CreatePartition(Partition, new SeededRandomSource(1)), epoch, services, CancellationToken.None);

            Assert.Equal(there.Length > 0 ? 3 : 2, owned.Rooms.Rooms.Count);
            Assert.Contains("aaa@muc.meet.jitsi", owned.Rooms.Rooms.Keys);
            Assert.Contains("zzz@muc.meet.jitsi", owned.Rooms.Rooms.Keys);
        }

        // What could not be read is gone, so that the next room of that name has nothing of it.
        if (there.Length == 0) Assert.Null(await store.ReadAsync(Key(name)));

        async Task WriteAsync(string room, string text)
        {
            var put = text.Split(';').ToDictionary(f => f[..f.IndexOf('=', StringComparison.Ordinal)], f => Encoding.UTF8.GetBytes(f[(f.IndexOf('=', StringComparison.Ordinal) + 1)..]), StringComparer.Ordinal);
            await store.WriteAsync(Key(room), 1, new DocumentChange { Put = put });
        }
    }

    private static string Key(string room) => Room.KeyPrefix(Partition) + room + "@muc.meet.jitsi";

    private sealed class SilentLink : IStanzaLink
    {
        public string NodeId => "n";

        public ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation = default) => ValueTask.CompletedTask;

        public ValueTask<IAsyncDisposable> ConsumeNodeAsync(string role, ILinkConsumer consumer, CancellationToken cancellation = default) => throw new NotSupportedException();

        public ValueTask<IAsyncDisposable> ConsumePartitionsAsync(string role, IPartitionConsumer consumer, CancellationToken cancellation = default) => throw new NotSupportedException();
    }
}
