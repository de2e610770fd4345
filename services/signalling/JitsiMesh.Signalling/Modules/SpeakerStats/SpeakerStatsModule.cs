using System.Globalization;
using System.Text.Json;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.SpeakerStats;

/// <summary>
/// How long each was the dominant speaker, as the speakers themselves report, and their face expressions (mod_speakerstats_component).
/// A joiner gets what was before.
/// </summary>
public sealed class SpeakerStatsModule(Room room, string component) : RoomModule(room)
{
    /// <summary>What the client's face recognition knows; anything else says nothing to anybody.</summary>
    private static readonly HashSet<string> Expressions = new(StringComparer.Ordinal) { "happy", "neutral", "sad", "surprised", "angry", "fearful", "disgusted" };

    /// <summary>At most what is around a speaker's nick and name, and around an expression.</summary>
    private const int SpeakerOctets = 128;

    private const int FaceOctets = 128;

    private SpeakerStatsState _state = new();
    private int _faces;

    public override string Name => "speakerstats";

    public override string Component => component;

    public override StanzaError? Command(Occupant sender, XmppElement message, MeshInstant now, RoomOutputs outputs)
    {
        var milliseconds = now.Utc.ToUnixTimeMilliseconds();
        if (message.Child("speakerstats", Namespaces.JitMeet) is { } stats) Speaks(sender, stats["silence"] == "true", milliseconds);
        else if (message.Child("faceLandmarks", Namespaces.JitMeet) is { } face && Expressions.Contains(face["faceExpression"] ?? "")) Shows(sender, face);
        else return StanzaError.BadRequest;
        Room.MarkModule(this, outputs);
        return null;
    }

    public override void Joined(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        if (!Counts(occupant)) return;
        if (_state.Speakers.Count > 0 && Text(now.Utc.ToUnixTimeMilliseconds()) is { } text) Room.SendEvent(occupant, component, text, outputs);
        if (!_state.Speakers.TryGetValue(occupant.Nick, out var speaker) || !speaker.Left) return;
        speaker.Left = false;
        Room.MarkModule(this, outputs);
    }

    public override void Left(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        if (!Counts(occupant) || Speaker(occupant) is not { } speaker) return;
        if (_state.Dominant == occupant.Nick) Settle(now.Utc.ToUnixTimeMilliseconds(), next: null);
        speaker.Left = true;
        speaker.DisplayName = occupant.DisplayName ?? speaker.DisplayName;
        Room.MarkModule(this, outputs);
    }

    public override byte[]? Save() => JsonSerializer.SerializeToUtf8Bytes(_state, JsonText.Options);

    public override void Load(ReadOnlySpan<byte> state)
    {
        _state = JsonSerializer.Deserialize<SpeakerStatsState>(state) ?? new SpeakerStatsState();
        _faces = _state.Speakers.Values.Sum(speaker => speaker.Faces.Count);
    }

    private bool Counts(Occupant occupant) => !occupant.Session.IsService && !Room.IsHidden(occupant.Session);

    private void Speaks(Occupant occupant, bool silence, long now)
    {
        if (Speaker(occupant) is not { } speaker) return;
        Settle(now, occupant.Nick);
        speaker.Silent = silence;
    }

    /// <summary>Books the time of the dominant speaker until now.</summary>
    private void Settle(long now, string? next)
    {
        if (_state.Dominant is { } nick && _state.Speakers.TryGetValue(nick, out var speaker) && !speaker.Silent) speaker.TotalMilliseconds += Math.Max(0, now - _state.Since);
        _state.Dominant = next;
        _state.Since = now;
    }

    private void Shows(Occupant occupant, XmppElement face)
    {
        if (Speaker(occupant) is not { } speaker || speaker.Faces.Count >= SignallingLimits.FaceLandmarks || _faces >= SignallingLimits.FaceLandmarksOfRoom) return;
        speaker.Faces.Add(new Face(face["faceExpression"]!, Number(face["timestamp"]), Number(face["duration"])));
        _faces++;
    }

    private Speaker? Speaker(Occupant occupant)
    {
        if (_state.Speakers.TryGetValue(occupant.Nick, out var speaker)) return speaker;
        if (_state.Speakers.Count >= SignallingLimits.SpeakersOfRoom)
        {
            if (_state.Speakers.FirstOrDefault(pair => pair.Value is { Left: true, TotalMilliseconds: 0, Faces.Count: 0 }).Key is not { } silent) return null;
            _state.Speakers.Remove(silent);
        }

        return _state.Speakers[occupant.Nick] = new Speaker();
    }

    /// <summary>Those who left, have spoken, or are dominant; keyed by nick, or one who comes back would start at zero.</summary>
    private string? Text(long now)
    {
        var told = new List<KeyValuePair<string, Speaker>>();
        var left = SignallingLimits.SpeakerStatisticsOctets;
        foreach (var pair in _state.Speakers.OrderBy(pair => pair.Value.TotalMilliseconds == 0 && pair.Value.Faces.Count == 0 && _state.Dominant != pair.Key))
        {
            if (pair.Value is { Left: false, TotalMilliseconds: 0, Faces.Count: 0 } && _state.Dominant != pair.Key) continue;
            left -= SpeakerOctets + PlainText.JsonOctets(pair.Key) + PlainText.JsonOctets(NameOf(pair.Key, pair.Value)) + (FaceOctets * pair.Value.Faces.Count);
            if (left < 0) break;
            told.Add(pair);
        }

        if (told.Count == 0) return null;
        return JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "speakerstats");
            writer.WriteStartObject("users");
            foreach (var (nick, speaker) in told)
            {
                writer.WriteStartObject(nick);
                writer.WriteString("displayName", NameOf(nick, speaker));
                writer.WriteNumber("totalDominantSpeakerTime", speaker.TotalMilliseconds + (_state.Dominant == nick && !speaker.Silent ? Math.Max(0, now - _state.Since) : 0));
                writer.WriteStartArray("faceLandmarks");
                foreach (var face in speaker.Faces)
                {
                    writer.WriteStartObject();
                    writer.WriteString("faceExpression", face.Expression);
                    writer.WriteNumber("timestamp", face.Timestamp);
                    writer.WriteNumber("duration", face.Duration);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private string NameOf(string nick, Speaker speaker) => Room.ByNick(nick)?.DisplayName ?? speaker.DisplayName ?? "";

    private static long Number(string? text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && Math.Abs(value) < 1e15 ? (long)value : 0;
}

/// <summary>What is stored of a room's speakers.</summary>
internal sealed class SpeakerStatsState
{
    public string? Dominant { get; set; }

    /// <summary>Since when the dominant speaker's time is not booked: milliseconds since 1970.</summary>
    public long Since { get; set; }

    public Dictionary<string, Speaker> Speakers { get; set; } = new(StringComparer.Ordinal);
}

internal sealed class Speaker
{
    public string? DisplayName { get; set; }

    public long TotalMilliseconds { get; set; }

    public bool Silent { get; set; }

    public bool Left { get; set; }

    public List<Face> Faces { get; set; } = [];
}

internal sealed record Face(string Expression, long Timestamp, long Duration);
