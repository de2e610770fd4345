using System.Text;
using System.Text.Json;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

/// <summary>The stored form of a conference's slices.</summary>
public class ConferenceCoreTests
{
    // As the version before the slices wrote it, and what was added since.
    private static readonly string[] Fields =
    [
        "Room", "MeetingId", "Tag", "Phase", "EndReason", "LastNumber", "LastOrder", "LastSent", "StartAudioMuted", "StartVideoMuted", "StartAudioMutedByPolicy",
        "StartVideoMutedByPolicy", "IsBreakout", "ModeratorsAreNamed", "AudioModeration", "VideoModeration", "DesktopModeration", "Waiting", "PendingIqs", "Known", "Expected",
        "WithoutSctp", "BridgeSessions", "Avoided", "BridgeNotAvailable", "FailuresInARow", "AudioLimitReached", "VideoLimitReached", "EmptyDeadline", "SingleDeadline",
        "RetryDeadline", "ForgiveDeadline", "NoBridgeDeadline", "BreakoutsOccupied",
    ];

    private static ConferenceCore Full => new()
    {
        Room = ConferenceParts.Room,
        MeetingId = "meeting",
        Tag = "tag",
        Phase = ConferencePhase.Active,
        LastNumber = 3,
        LastOrder = 4,
        LastSent = 5,
        PendingIqs = [new PendingIq("tag-1", IqPurpose.Features, "ann", MonotonicTime.FromSeconds(9))],
        EmptyDeadline = MonotonicTime.FromSeconds(1),
        SingleDeadline = MonotonicTime.FromSeconds(2),
        ForgiveDeadline = MonotonicTime.FromSeconds(3),
        BreakoutsOccupied = true,
        Admissions = new AdmissionState
        {
            Waiting = [new WaitingRequest("1", "ann@meet.example/web", "focus.meet.example")],
            Known = [new KnownAsker("ann@meet.example/web", "ann", "id", true)],
            Expected = [new ExpectedAsker("bob@meet.example/web", MonotonicTime.FromSeconds(4))],
        },
        Owners = new OwnerElectionState { IsBreakout = true, ModeratorsAreNamed = true },
        Moderation = new ModerationState { StartAudioMuted = 1, StartVideoMuted = 2, StartAudioMutedByPolicy = true, StartVideoMutedByPolicy = true, Audio = ["ann"], Video = [], Desktop = ["bob"] },
        SenderLimits = new SenderLimitState { AudioReached = true, VideoReached = true },
        Assignment = new BridgeAssignmentState
        {
            Sessions = [new BridgeSessionState { Id = "s", BridgeId = "jvb-1", Instance = "i", ControlAddress = "a", Created = true, FeedbackSources = new SourceSet([new Source(7, MediaKind.Audio)], []) }],
            Avoided = [new AvoidedBridge("j", MonotonicTime.FromSeconds(5))],
            WithoutSctp = ["i"],
            NotAvailable = true,
            FailuresInARow = 2,
            RetryDeadline = MonotonicTime.FromSeconds(6),
            NoBridgeDeadline = MonotonicTime.FromSeconds(7),
        },
    };

    private static Dictionary<string, byte[]> Write(ConferenceCore core) => new ConferenceDocument(core).TakeChange([]).Put.ToDictionary();

    private static ConferenceCore Read(Dictionary<string, byte[]> fields)
    {
        var document = ConferenceDocument.TryLoad(fields, out _);
        Assert.NotNull(document);
        return document.Core;
    }

    [Fact]
    public void The_stored_form_is_flat_and_has_the_fields_of_the_version_before()
    {
        using var json = JsonDocument.Parse(Write(Full)["core"]);
        Assert.Equal(Fields.Order(StringComparer.Ordinal), json.RootElement.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.Equal("ann", json.RootElement.GetProperty("AudioModeration")[0].GetString());
        Assert.Equal("jvb-1", json.RootElement.GetProperty("BridgeSessions")[0].GetProperty("BridgeId").GetString());
    }

    [Fact]
    public void Every_slice_comes_back_as_it_was_written()
    {
        var written = Write(Full);
        var read = Read(written);
        Assert.Equal(Encoding.UTF8.GetString(written["core"]), Encoding.UTF8.GetString(Write(read)["core"]));
        Assert.Equal(Full.Owners, read.Owners);
        Assert.Equal(Full.SenderLimits, read.SenderLimits);
        Assert.Equal("ann", Assert.Single(read.Moderation.Audio!.Value));
        Assert.Empty(read.Moderation.Video!.Value);
        Assert.Equal(Full.Admissions.Known[0], Assert.Single(read.Admissions.Known));
        Assert.Equal(("jvb-1", 2, MonotonicTime.FromSeconds(6)), (read.Assignment.Sessions[0].BridgeId, read.Assignment.FailuresInARow, read.Assignment.RetryDeadline));
    }

    [Fact]
    public void Fields_come_in_any_order()
    {
        using var json = JsonDocument.Parse(Write(Full)["core"]);
        var reversed = "{" + string.Join(',', json.RootElement.EnumerateObject().Reverse().Select(field => field.ToString())) + "}";
        Assert.Equal(Encoding.UTF8.GetString(Write(Full)["core"]), Encoding.UTF8.GetString(Write(Read(new() { ["core"] = Encoding.UTF8.GetBytes(reversed) }))["core"]));
    }

    [Fact]
    public void A_new_conference_moderates_nobody_and_waits_for_nothing()
    {
        var read = Read(Write(new ConferenceCore { Room = ConferenceParts.Room, MeetingId = "meeting", Tag = "tag" }));
        Assert.Null(read.Moderation.Audio);
        Assert.Empty(read.Assignment.Sessions);
        Assert.Equal((MonotonicTime.Never, MonotonicTime.Never), (read.Assignment.RetryDeadline, read.EmptyDeadline));
    }
}
