using System.Text.Json;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Signalling.Tests.Scripts;

/// <summary>
/// Everybody who reads what a room has put out: clients at once and late, another node's sessions, services, and the next owner from journal and record. Each must read the
/// same as was written.
/// </summary>
public sealed class Readers : IDisposable
{
    private const string Somebody = "somebody&quot;s@meet.jitsi/r";

    private readonly World _world;
    private readonly SignallingMetrics _metrics = new();
    private readonly Deliverer _deliverer;

    public Readers(World world)
    {
        _world = world;
        _deliverer = new Deliverer(new SessionRegistry(new MeshClock(TimeProvider.System), _metrics), new ScriptedLink("node.0"), _metrics, NullLogger<Deliverer>.Instance);
        world.PutOut = Read;
        world.Carries = Carry;
    }

    /// <summary>Stanzas of clients that came to the owner of a room.</summary>
    public int Carried { get; private set; }

    /// <summary>Frames, envelopes and records that were read.</summary>
    public int Texts { get; private set; }

    public void Dispose() => _metrics.Dispose();

    /// <summary>Takes a session's stanza over the link, as to an owner on another node.</summary>
    private RoomInput Carry(RoomInput input)
    {
        Carried++;
        var written = XmppSerializer.Write(input.Stanza);
        var read = LinkInput.FromEnvelope(OverLink(input.ToEnvelope()), _world.Features.Domains, "focus.0") ?? throw new Xunit.Sdk.XunitException($"The link's reader refuses {Beginning(written)}");
        Assert.Equal(written, XmppSerializer.Write(read.Stanza));
        Assert.Equal(input.From.FullJid, read.From.FullJid);
        return read;
    }

    private void Read(RoomOutputs outputs)
    {
        foreach (var delivery in outputs.Deliveries)
        {
            Same(delivery.Frame.ToText(Somebody));
            Same(delivery.Frame.WithDelay(_world.Now.Utc, "meet.jitsi").ToText(Somebody));
        }

        List<RoomJournal.Outgoing> outgoing = [.. _deliverer.Split(outputs), .. _deliverer.SplitHere(outputs.Deliveries)];
        foreach (var one in outgoing)
        {
            // What another node's sessions get is the frame that was made here.
            var stanza = Same(OverLink(one.Envelope).Stanza);
            if (one.Envelope.Origin is null && one.Envelope.Recipients.Count > 0) Assert.Equal(one.Envelope.Stanza, OutboundFrame.Stanza(stanza).ToText(""));
        }

        Keep(outgoing);
        foreach (var (field, value) in outputs.Changes.Values.SelectMany(change => change.Fields))
        {
            if (value is null) continue;
            using var record = JsonDocument.Parse(value);
            if (field.StartsWith("occupant:", StringComparison.Ordinal)) Same(record.RootElement.GetProperty("Presence").GetString()!);
            if (field != "history") continue;
            foreach (var entry in record.RootElement.EnumerateArray()) Same(entry.GetProperty("Stanza").GetString()!);
        }
    }

    private static void Keep(List<RoomJournal.Outgoing> outgoing)
    {
        var fields = new Dictionary<string, byte[]?>(StringComparer.Ordinal);
        var journal = new RoomJournal("stream");
        journal.TakeIn(new LinkNumber("sender", 1));
        journal.Save(outgoing, [], fields);
        Assert.NotNull(RoomJournal.Load(new StoredDocument(1, fields.ToDictionary(field => field.Key, field => field.Value!)), out var read));
        Assert.Equal(outgoing.Select(one => one.Envelope.Stanza), read.Select(one => one.Envelope.Stanza));
    }

    private XmppElement Same(string text)
    {
        Texts++;
        if (!XmppParser.TryParse(text, out var element, out var error)) throw new Xunit.Sdk.XunitException($"{error} in {Beginning(text)}");
        if (XmppSerializer.Write(element) is var again && again != text) Assert.Fail($"Read otherwise than written:\n{Beginning(text)}\n{Beginning(again)}");
        return element;
    }

    private static StanzaEnvelope OverLink(StanzaEnvelope envelope) => JsonSerializer.Deserialize<StanzaEnvelope>(JsonSerializer.SerializeToUtf8Bytes(envelope))!;

    private static string Beginning(string text) => text.Length <= 2_000 ? text : text[..2_000] + "…";
}
