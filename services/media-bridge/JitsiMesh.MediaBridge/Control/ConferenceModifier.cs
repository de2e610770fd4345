using Grpc.Core;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Ice;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Endpoints;
using JitsiMesh.MediaBridge.Ingress;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>Why a request was refused: a gRPC status and the trailer <c>reason</c>, as bridge.proto lists them.</summary>
internal sealed record ModifyFailure(StatusCode Status, string Reason, string Detail, string? Endpoint = null);

/// <summary>
/// Carries out one conference-modify on the shard that owns the conference: 1 checks the whole request, 2 changes, 3 answers. A refused request
/// has changed nothing.
/// </summary>
internal static class ConferenceModifier
{
    private const string PasswordAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private const int PasswordLength = 24;
    private const int MaxIdLength = 256;

    public static (ModifyConferenceResponse? Response, ModifyFailure? Failure) Modify(BridgeShard shard, ModifyConferenceRequest request, bool overloaded, MonotonicTime now, EndpointJoin? join = null)
    {
        // 1. The whole request first.
        var conference = shard.FindByMeeting(request.MeetingId);
        if (Check(shard, request, conference, overloaded) is { } failure) return (null, failure);

        // 2. Then the change.
        var response = new ModifyConferenceResponse();
        if (request.Expire)
        {
            if (conference is not null) shard.EndConference(conference, EndpointEnd.Expired, now);
            return (response, null);
        }

        conference ??= shard.CreateConference(request.MeetingId, request.Name, now);
        var created = false;
        foreach (var change in request.Endpoints)
        {
            var endpoint = conference.Find(change.Id);
            if (change.Expire)
            {
                if (endpoint is not null) shard.EndEndpoint(endpoint, EndpointEnd.Expired, now);
                continue;
            }

            if (change.Create)
            {
                endpoint = CreateEndpoint(shard, conference, change, now);
                if (join is not null) endpoint.Join = new EndpointJoin(join.TraceParent, join.Began);
                created = true;
                response.Endpoints.Add(new EndpointTransport { Id = change.Id, Transport = TransportDescriptions.Describe(endpoint, endpoint.Transport.Ice, 0) });
            }

            if (endpoint is null) continue;
            Apply(shard, conference, endpoint, change, response, now);
            endpoint.DrainTransport(now);
            shard.Schedule(endpoint.NextTimeout);
        }

        // 3. The bridge's own sources come with every create, so that concurrent joins need not wait for each other.
        if (created) response.FeedbackSources = TransportDescriptions.FeedbackSources(conference);
        shard.Flush();
        return (response, null);
    }

    private static ModifyFailure? Check(BridgeShard shard, ModifyConferenceRequest request, Conference? conference, bool overloaded)
    {
        if (request.MeetingId.Length is 0 or > MaxIdLength) return Bad("meeting_id is missing or too long");
        if (request.Create && request.Expire) return Bad("create and expire exclude each other");
        if (request.Create && conference is not null) return new ModifyFailure(StatusCode.AlreadyExists, "conference_already_exists", "the conference exists");
        if (!request.Create && conference is null) return new ModifyFailure(StatusCode.NotFound, "conference_not_found", "no such conference");
        if (request.Create && shard.IsShuttingDown) return new ModifyFailure(StatusCode.Unavailable, "graceful_shutdown", "shutting down");
        if (request.Create && overloaded) return new ModifyFailure(StatusCode.ResourceExhausted, "overloaded", "no capacity for a new conference");

        var seen = new HashSet<string>();
        var names = new HashSet<string>();
        foreach (var change in request.Endpoints)
        {
            if (change.Id.Length is 0 or > MaxIdLength || !seen.Add(change.Id)) return Bad("an endpoint id is missing, too long or twice");
            if (change.Create && change.Expire) return Bad("create and expire exclude each other");
            if (change.Expire) continue;
            if (CheckEndpoint(shard, change, conference, names) is { } failure) return failure;
        }

        return null;
    }

    private static ModifyFailure? CheckEndpoint(BridgeShard shard, EndpointChange change, Conference? conference, HashSet<string> names)
    {
        var endpoint = conference?.Find(change.Id);
        if (change.Create)
        {
            if (endpoint is not null) return new ModifyFailure(StatusCode.AlreadyExists, "endpoint_already_exists", "the endpoint exists", change.Id);
            if (change.Capabilities is not { SourceNames: true }) return Bad("an endpoint needs the capability source_names");
            if (change.Transport is null) return Bad("an endpoint needs a transport");
            if (change.Transport.Sctp && !shard.Options.EnableSctp) return new ModifyFailure(StatusCode.Unimplemented, "feature_not_implemented", "SCTP is off");
            if (conference?.Endpoints.Count >= ConferenceLimits.MaxEndpoints) return new ModifyFailure(StatusCode.ResourceExhausted, "overloaded", "the conference is full");
        }
        else if (endpoint is null)
        {
            // Force mute goes out in batches, and one of the batch may just have left.
            var onlyMute = change.ForceMute is not null && change.Transport is null && change.Sources is null && change.Media.Count == 0 && !change.RestartIce;
            return onlyMute ? null : new ModifyFailure(StatusCode.NotFound, "unknown_endpoint", "no such endpoint", change.Id);
        }

        if (change.Sources is null) return null;
        var visitor = change.Create ? change.Visitor : endpoint!.IsVisitor;
        if (visitor && change.Sources.Sources_.Count > 0) return Bad("a visitor owns no sources");
        if (change.Sources.Sources_.Count > EndpointLimits.MaxSources) return Bad("too many sources");
        var ssrcs = new HashSet<uint>();
        foreach (var source in change.Sources.Sources_)
        {
            if (source.Name.Length is 0 or > MaxIdLength || !names.Add(source.Name)) return Bad("a source's name is missing, too long or twice");
            if (source.Type is not (MediaType.Audio or MediaType.Video)) return Bad("a source's media type is missing");
            if (conference?.IsNameTaken(source.Name, endpoint) == true) return Bad("a source's name belongs to another endpoint");
            foreach (var ssrc in SourceLayout.From(source)?.AllSsrcs() ?? [])
            {
                if (ssrc == 0 || !ssrcs.Add(ssrc)) return Bad("an SSRC is 0 or belongs to two streams");
            }
        }

        return null;
    }

    private static BridgeEndpoint CreateEndpoint(BridgeShard shard, Conference conference, EndpointChange change, MonotonicTime now)
    {
        var transport = new PeerTransport.PeerTransport(
            new PeerTransportOptions
            {
                IceRole = change.Transport.IceControlling ? IceRole.Controlling : IceRole.Controlled,
                DtlsCertificate = shard.Certificate(),
                Setup = DtlsSetup.ActPass,
                EnableSctp = change.Transport.Sctp,
                SctpServer = true,
            },
            shard.Random);
        foreach (var candidate in shard.Candidates.Sockets) transport.Ice.AddLocalCandidate(candidate);
        var rewrites = change.Capabilities.SsrcRewriting;
        var setup = new EndpointSetup(
            change.StatsId,
            change.Visitor,
            rewrites,
            rewrites && change.Capabilities.RtpMidDemux,
            change.Capabilities.PrivateAddressConnectivity,
            change.Media,
            shard.Random.NextString(PasswordLength, PasswordAlphabet),
            change.Transport.Sctp);
        var endpoint = new BridgeEndpoint(conference, change.Id, setup, transport, now);
        endpoint.Fingerprint = shard.Certificate().Fingerprint;
        shard.AddEndpoint(conference, endpoint, now);
        return endpoint;
    }

    private static void Apply(BridgeShard shard, Conference conference, BridgeEndpoint endpoint, EndpointChange change, ModifyConferenceResponse response, MonotonicTime now)
    {
        if (!change.Create) endpoint.Formats.Add(change.Media);
        if (change.HasInitialLastN) endpoint.Allocation.SetInitialLastN(change.InitialLastN);
        if (change.ForceMute is { } mute)
        {
            endpoint.ForceMuteAudio = mute.Audio;
            endpoint.ForceMuteVideo = mute.Video;
        }

        if (change.Sources is { } sources)
        {
            conference.SetSources(endpoint, [.. sources.Sources_.Select(SourceLayout.From).OfType<SourceLayout>()], now);
        }

        if (change.Transport is { } transport) TransportDescriptions.Apply(endpoint, transport, now);
        if (!change.RestartIce || change.Create) return;
        var agent = endpoint.Transport.BeginIceRestart(now);
        shard.AddUfrag(agent.Ufrag, endpoint);
        endpoint.IceGeneration = endpoint.Transport.RestartGeneration;
        response.Endpoints.Add(new EndpointTransport { Id = change.Id, Transport = TransportDescriptions.Describe(endpoint, agent, endpoint.IceGeneration) });
    }

    private static ModifyFailure Bad(string detail) => new(StatusCode.InvalidArgument, "bad_request", detail);
}
