using Grpc.Core;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>
/// Reads a conference-modify whole before anything is changed. Much of it was written by a client, so nothing in it is taken on trust; what is wrong
/// in one endpoint's change is refused with that endpoint's id.
/// </summary>
internal static class RequestCheck
{
    public static ModifyFailure? Check(BridgeShard shard, ModifyConferenceRequest request, Conference? conference, bool overloaded)
    {
        if (!IsId(request.MeetingId)) return Bad("meeting_id is missing or none");
        if (!IsText(request.Name, RequestLimits.NameLength)) return Bad("name is too long or none");
        if (request.Create && request.Expire) return Bad("create and expire exclude each other");
        if (request.Endpoints.Count > RequestLimits.Endpoints) return Bad("too many endpoints");
        if (request.Create && conference is not null) return new ModifyFailure(StatusCode.AlreadyExists, "conference_already_exists", "the conference exists");
        if (!request.Create && conference is null) return new ModifyFailure(StatusCode.NotFound, "conference_not_found", "no such conference");
        if (request.Create && shard.IsShuttingDown) return new ModifyFailure(StatusCode.Unavailable, "graceful_shutdown", "shutting down");
        if (request.Create && (overloaded || shard.Conferences.Count >= ConferenceLimits.MaxConferences)) return new ModifyFailure(StatusCode.ResourceExhausted, "overloaded", "no capacity for a new conference");

        var seen = new Seen(conference);
        foreach (var change in request.Endpoints)
        {
            if (!IsId(change.Id) || !seen.Endpoints.Add(change.Id)) return Bad("an endpoint id is missing, none or twice");
            if (change.Create && change.Expire) return Bad("create and expire exclude each other", change.Id);
            if (change.Expire) continue;
            if (CheckEndpoint(shard, change, seen) is { } failure) return failure with { Endpoint = change.Id };
        }

        return null;
    }

    private static ModifyFailure? CheckEndpoint(BridgeShard shard, EndpointChange change, Seen seen)
    {
        var endpoint = seen.Conference?.Find(change.Id);
        if (change.Create)
        {
            if (endpoint is not null) return new ModifyFailure(StatusCode.AlreadyExists, "endpoint_already_exists", "the endpoint exists");
            if (change.Capabilities is not { SourceNames: true }) return Bad("an endpoint needs the capability source_names");
            if (change.Transport is null) return Bad("an endpoint needs a transport");
            if (!IsText(change.StatsId, RequestLimits.TextLength)) return Bad("a stats_id is too long or none");
            if (change.Transport.Sctp && !shard.Options.EnableSctp) return new ModifyFailure(StatusCode.Unimplemented, "feature_not_implemented", "SCTP is off");
            if (seen.CountNewcomer() > ConferenceLimits.MaxEndpoints) return new ModifyFailure(StatusCode.ResourceExhausted, "overloaded", "the conference is full");
        }
        else if (endpoint is null)
        {
            // Force mute goes out in batches, and one of the batch may just have left.
            var onlyMute = change.ForceMute is not null && change.Transport is null && change.Sources is null && change.Media.Count == 0 && !change.RestartIce;
            return onlyMute ? null : new ModifyFailure(StatusCode.NotFound, "unknown_endpoint", "no such endpoint");
        }

        if (change.HasInitialLastN && change.InitialLastN < -1) return Bad("an initial_last_n is below -1");
        var problem = MediaCheck.Find(change.Media) ?? (change.Transport is null ? null : TransportCheck.Find(change.Transport));
        if (problem is not null) return Bad(problem);
        var visitor = change.Create ? change.Visitor : endpoint!.IsVisitor;
        return change.Sources is null ? null : CheckSources(change.Sources.Sources_, endpoint, visitor, seen);
    }

    private static ModifyFailure? CheckSources(IList<Source> sources, BridgeEndpoint? endpoint, bool visitor, Seen seen)
    {
        if (visitor && sources.Count > 0) return Bad("a visitor owns no sources");
        if (sources.Count > EndpointLimits.MaxSources) return Bad("too many sources");
        foreach (var source in sources)
        {
            if (!IsId(source.Name) || !seen.Names.Add(source.Name)) return Bad("a source's name is missing, none or twice");
            if (source.Type is not (MediaType.Audio or MediaType.Video)) return Bad("a source's media type is missing");
            if (!IsText(source.VideoType, RequestLimits.TextLength)) return Bad("a source's video type is too long or none");
            if (seen.Conference?.Sources.IsNameTaken(source.Name, endpoint) == true) return Bad("a source's name belongs to another endpoint");
            if (source.Ssrcs.Count > RequestLimits.SsrcsOfSource || source.Groups.Count > RequestLimits.GroupsOfSource) return Bad("a source has too many SSRCs or groups");
            foreach (var group in source.Groups)
            {
                if (group.Ssrcs.Count > RequestLimits.SsrcsOfSource || !IsText(group.Semantics, RequestLimits.TextLength)) return Bad("a group has too many SSRCs or no semantics");
            }

            if (SourceLayout.From(source) is not { } layout) continue;
            if (layout.Encodings.Count > RequestLimits.Encodings) return Bad("a source has too many encodings");
            foreach (var ssrc in layout.AllSsrcs())
            {
                if (ssrc == 0 || !seen.Ssrcs.Add(ssrc)) return Bad("an SSRC is 0 or belongs to two streams");
                if (seen.Conference?.Sources.IsSsrcTaken(ssrc, endpoint) == true) return Bad("an SSRC belongs to another endpoint");
            }
        }

        return null;
    }

    /// <summary>A text that may stand in logs, JSON and URLs.</summary>
    internal static bool IsId(string text) => text.Length > 0 && IsText(text, RequestLimits.IdLength);

    /// <summary>Unicode without control characters, of a bounded length; empty is one.</summary>
    internal static bool IsText(string text, int length)
    {
        if (text.Length > length) return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i])) return false;
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }

        return true;
    }

    private static ModifyFailure Bad(string detail, string? endpoint = null) => new(StatusCode.InvalidArgument, "bad_request", detail, endpoint);

    /// <summary>What the request has named so far.</summary>
    private sealed class Seen(Conference? conference)
    {
        private int _endpoints = conference?.Endpoints.Count ?? 0;

        public Conference? Conference { get; } = conference;

        public HashSet<string> Endpoints { get; } = [];

        public HashSet<string> Names { get; } = [];

        public HashSet<uint> Ssrcs { get; } = [];

        /// <returns>How many there will be with this one.</returns>
        public int CountNewcomer() => ++_endpoints;
    }
}
