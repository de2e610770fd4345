using System.Text.Json;
using System.Text.Json.Serialization;
using JitsiMesh.Signalling.Modules.Permissions;
using JitsiMesh.Signalling.Modules.RoomMetadata;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.Polls;

/// <summary>Polls and their votes (mod_polls_component).</summary>
public sealed class PollsModule(Room room, string component) : RoomModule(room)
{
    private List<Poll> _polls = [];
    private int _octets;

    public override string Name => "polls";

    public override string Component => component;

    public override StanzaError? Command(Occupant sender, XmppElement message, MeshInstant now, RoomOutputs outputs)
    {
        if (message.Child("json-message", Namespaces.JitMeet)?.Text is not { } text || text.Length >= SignallingLimits.PollOctets) return StanzaError.BadRequest;
        if (JsonText.TryObject(text) is not { } command || command.String("type") != "polls" || command.String("pollId") is not { Length: > 0 and <= SignallingLimits.PollIdLength } id) return StanzaError.BadRequest;
        return command.String("command") switch
        {
            "new-poll" => Create(sender, id, command, outputs),
            "answer-poll" => Answer(sender, id, command, outputs),
            _ => StanzaError.BadRequest,
        };
    }

    public override void Joined(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        if (_polls.Count == 0 || occupant.Session.IsService) return;
        var text = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "polls");
            writer.WriteString("command", "old-polls");
            writer.WriteStartArray("polls");
            foreach (var poll in _polls) Write(writer, poll);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        Room.SendEvent(occupant, component, text, outputs);
    }

    public override byte[]? Save() => JsonSerializer.SerializeToUtf8Bytes(_polls, JsonText.Options);

    public override void Load(ReadOnlySpan<byte> state)
    {
        _polls = JsonSerializer.Deserialize<List<Poll>>(state) ?? [];
        _octets = _polls.Sum(poll => poll.Octets);
    }

    private StanzaError? Create(Occupant sender, string id, UserJson command, RoomOutputs outputs)
    {
        var restricted = Room.Module<RoomMetadataModule>()?["permissions"]?["pollCreationRestricted"]?.IsTrue == true;
        if (restricted && !Permission.Has(sender, "create-polls")) return StanzaError.NotAllowed.WithText("Creation of polls not allowed for user");
        if (_polls.Exists(poll => poll.Id == id)) return StanzaError.NotAllowed.WithText("Poll already exists");
        if (_polls.Count >= SignallingLimits.Polls) return StanzaError.NotAllowed.WithText("Number of polls limit reached");
        if (command.String("question") is not { Length: > 0 } question || command["answers"] is not { Items.Count: > 0 and <= SignallingLimits.PollAnswers } answers) return StanzaError.BadRequest;
        var poll = new Poll { Id = id, SenderId = sender.Nick, SenderName = sender.DisplayName ?? "", Question = question };
        foreach (var answer in answers.Items)
        {
            if (answer.String("name") is not { } name) return StanzaError.BadRequest;
            poll.Answers.Add(new PollAnswer { Name = name });
        }

        // Three quarters are for the votes: no number of polls keeps people from voting.
        if (_octets + poll.Octets > SignallingLimits.PollsOctets / 4) return StanzaError.ResourceConstraint.WithText("Number of polls limit reached");
        _octets += poll.Octets;
        _polls.Add(poll);
        Room.MarkModule(this, outputs);
        var text = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "polls");
            writer.WriteString("command", "new-poll");
            writer.WriteString("pollId", id);
            writer.WriteString("senderId", sender.Nick);
            writer.WriteString("question", question);
            writer.WriteStartArray("answers");
            foreach (var answer in poll.Answers)
            {
                writer.WriteStartObject();
                writer.WriteString("name", answer.Name);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        Room.BroadcastToClients(component, text, outputs, withRoom: false);
        return null;
    }

    private StanzaError? Answer(Occupant sender, string id, UserJson command, RoomOutputs outputs)
    {
        if (_polls.Find(poll => poll.Id == id) is not { } poll) return StanzaError.ItemNotFound;
        if (command["answers"] is not { Kind: JsonValueKind.Array } answers || answers.Items.Count != poll.Answers.Count) return StanzaError.BadRequest;
        bool[] votes = [.. answers.Items.Select(vote => vote.IsTrue)];
        var name = sender.DisplayName ?? "";
        var added = 0;
        for (var i = 0; i < votes.Length; i++)
        {
            if (votes[i] && !poll.Answers[i].Voters.ContainsKey(sender.Nick)) added += PollAnswer.VoterOctets(sender.Nick, name);
        }

        if (_octets + added > SignallingLimits.PollsOctets) return StanzaError.ResourceConstraint;
        var changed = false;
        for (var i = 0; i < votes.Length; i++) changed |= votes[i] ? poll.Answers[i].Voters.TryAdd(sender.Nick, name) : poll.Answers[i].Voters.Remove(sender.Nick);
        if (!changed) return null;
        _octets = _polls.Sum(one => one.Octets);
        Room.MarkModule(this, outputs);
        var text = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "polls");
            writer.WriteString("command", "answer-poll");
            writer.WriteString("pollId", id);
            writer.WriteString("senderId", sender.Nick);
            writer.WriteString("senderName", name);
            writer.WriteStartArray("answers");
            foreach (var vote in votes) writer.WriteBooleanValue(vote);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        Room.BroadcastToClients(component, text, outputs, withRoom: false);
        return null;
    }

    private static void Write(Utf8JsonWriter writer, Poll poll)
    {
        writer.WriteStartObject();
        writer.WriteString("pollId", poll.Id);
        writer.WriteString("senderId", poll.SenderId);
        writer.WriteString("senderName", poll.SenderName);
        writer.WriteString("question", poll.Question);
        writer.WriteStartArray("answers");
        foreach (var answer in poll.Answers)
        {
            writer.WriteStartObject();
            writer.WriteString("name", answer.Name);
            writer.WriteStartArray("voters");
            foreach (var (id, name) in answer.Voters)
            {
                writer.WriteStartObject();
                writer.WriteString("id", id);
                writer.WriteString("name", name);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

internal sealed class Poll
{
    public required string Id { get; init; }

    public required string SenderId { get; init; }

    public required string SenderName { get; init; }

    public required string Question { get; init; }

    public List<PollAnswer> Answers { get; init; } = [];

    /// <summary>At most so much it takes in what a joiner is told.</summary>
    [JsonIgnore]
    public int Octets => 128 + PlainText.JsonOctets(Id) + PlainText.JsonOctets(SenderId) + PlainText.JsonOctets(SenderName) + PlainText.JsonOctets(Question) + Answers.Sum(answer => answer.Octets);
}

internal sealed class PollAnswer
{
    public required string Name { get; init; }

    /// <summary>Nick to display name, in the order of their votes.</summary>
    public Dictionary<string, string> Voters { get; init; } = new(StringComparer.Ordinal);

    [JsonIgnore]
    public int Octets => 32 + PlainText.JsonOctets(Name) + Voters.Sum(voter => VoterOctets(voter.Key, voter.Value));

    public static int VoterOctets(string nick, string name) => 24 + PlainText.JsonOctets(nick) + PlainText.JsonOctets(name);
}
