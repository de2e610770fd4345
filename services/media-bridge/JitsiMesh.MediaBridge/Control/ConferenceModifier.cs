using Grpc.Core;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Ice;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>Why a request was refused: a gRPC status and the trailer <c>reason</c>, as listed in bridge.proto.</summary>
internal sealed record ModifyFailure(StatusCode Status, string Reason, string Detail, string? Endpoint = null);

/// <summary>
/// Executes one conference-modify on the shard that owns the conference: 1 validate the whole request, 2 change, 3 answer. A refused request changes nothing. An exception in
/// one endpoint's change ends that endpoint, so that no half-done change remains; the changes of the others are executed, and the answer names the endpoint.
/// </summary>
internal static class ConferenceModifier
{
    private const string PasswordAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private const int PasswordLength = 24;
    private static readonly IceAgentOptions ClientIce = new() { MinToldPort = EndpointLimits.MinClientPort };

    public static (ModifyConferenceResponse? Response, ModifyFailure? Failure) Modify(BridgeShard shard, ModifyConferenceRequest request, bool overloaded, MonotonicTime now, EndpointJoin? join = null)
    {
        // 1. Validate the whole request.
        var conference = shard.FindByMeeting(request.MeetingId);
        var failure = RequestCheck.Check(shard, request, conference, overloaded);
        if (failure is not null) return (null, failure);

        // 2. Change.
        var response = new ModifyConferenceResponse();
        if (request.Expire)
        {
            if (conference is not null) shard.EndConference(conference, EndpointEnd.Expired, now);
            return (response, null);
        }

        conference ??= shard.CreateConference(request.MeetingId, request.Name, now);
        foreach (var change in request.Endpoints)
        {
            try
            {
                Change(shard, conference, change, response, join, now);
            }
            catch (Exception e)
            {
                failure ??= new ModifyFailure(StatusCode.Internal, "unspecified", "the change failed", change.Id);
                OnFault(shard, conference, change, e);
            }
        }

        shard.EndFailed(now);
        if (failure is not null && request.Create && conference.Endpoints.Count == 0) shard.EndConference(conference, EndpointEnd.InternalError, now);

        // 3. Every create returns the bridge's own sources, so that concurrent joins need not wait for each other.
        if (request.Endpoints.Any(c => c.Create)) response.FeedbackSources = TransportDescriptions.FeedbackSources(conference);
        shard.Flush();
        return failure is null ? (response, null) : (null, failure);
    }

    private static void Change(BridgeShard shard, Conference conference, EndpointChange change, ModifyConferenceResponse response, EndpointJoin? join, MonotonicTime now)
    {
        var endpoint = conference.Find(change.Id);
        shard.Trap?.Invoke(ShardFault.Control, change.Id);
        if (change.Expire)
        {
            if (endpoint is not null) shard.EndEndpoint(endpoint, EndpointEnd.Expired, now);
            return;
        }

        if (change.Create)
        {
            endpoint = CreateEndpoint(shard, conference, change, now);
            if (join is not null) endpoint.Join = new EndpointJoin(join.TraceParent, join.Began);
            response.Endpoints.Add(new EndpointTransport { Id = change.Id, Transport = TransportDescriptions.Describe(endpoint, endpoint.Transport.Ice, 0) });
        }

        if (endpoint is null) return;
        Apply(shard, conference, endpoint, change, response, now);
        endpoint.DrainTransport(now);
        shard.Schedule(endpoint.NextTimeout);
    }

    private static void OnFault(BridgeShard shard, Conference conference, EndpointChange change, Exception error)
    {
        if (conference.Find(change.Id) is { } endpoint) shard.Blame(endpoint, ShardFault.Control, error);
        else shard.BlameChange(conference, change.Id, error);
    }

    private static BridgeEndpoint CreateEndpoint(BridgeShard shard, Conference conference, EndpointChange change, MonotonicTime now)
    {
        var transport = new PeerTransport.PeerTransport(
            new PeerTransportOptions
            {
                IceRole = change.Transport.IceControlling ? IceRole.Controlling : IceRole.Controlled,
                Ice = ClientIce,
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
            conference.Sources.Set(endpoint, [.. sources.Sources_.Select(SourceLayout.From).OfType<SourceLayout>()], now);
        }

        if (change.Transport is { } transport) TransportDescriptions.Apply(endpoint, transport, now);
        if (!change.RestartIce || change.Create) return;
        var agent = endpoint.Transport.BeginIceRestart(now);
        shard.AddUfrag(agent.Ufrag, endpoint);
        endpoint.IceGeneration = endpoint.Transport.RestartGeneration;
        response.Endpoints.Add(new EndpointTransport { Id = change.Id, Transport = TransportDescriptions.Describe(endpoint, agent, endpoint.IceGeneration) });
    }
}
