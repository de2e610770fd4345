using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Simulation.Tests.Scheduling;

namespace JitsiMesh.Simulation.Tests.Nodes;

/// <summary>A bridge as focus sees it: it keeps conferences, endpoints and sources by the rules of the control contract, and is slow at times.</summary>
public sealed class FakeBridge(string id)
{
    private readonly Dictionary<string, Dictionary<string, IReadOnlySet<uint>>> _conferences = new(StringComparer.Ordinal);
    private long _number;

    public string Id { get; } = id;

    /// <summary>SSRCs by endpoint, by meeting.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, IReadOnlySet<uint>>> Conferences => _conferences;

    public TimeSpan AnswerTime(SimulatedScheduler scheduler) => scheduler.Chance(0.05) ? scheduler.Milliseconds(50, 400) : scheduler.Milliseconds(0.5, 10);

    public BridgeStatusReported Report(TimeProvider time) => new()
    {
        BridgeId = Id,
        Number = ++_number,
        StartedAt = time.GetUtcNow() - time.GetElapsedTime(0),
        ControlAddress = "inproc:" + Id,
        Endpoints = _conferences.Values.Sum(endpoints => endpoints.Count),
    };

    public BridgeReply Modify(ModifyConferenceRequest request)
    {
        _conferences.TryGetValue(request.MeetingId, out var endpoints);
        if (request.Create && endpoints is not null) return BridgeReply.Failed(BridgeFailure.ConferenceExists);
        if (!request.Create && endpoints is null) return BridgeReply.Failed(BridgeFailure.ConferenceNotFound);
        if (request.Expire)
        {
            _conferences.Remove(request.MeetingId);
            return new BridgeReply(new ModifyConferenceResponse());
        }

        // Looked at whole before anything is changed.
        foreach (var change in request.Endpoints)
        {
            var known = endpoints?.ContainsKey(change.Id) == true;
            if (change.Create && known) return BridgeReply.Failed(BridgeFailure.EndpointExists);
            if (!change.Create && !known) return BridgeReply.Failed(BridgeFailure.UnknownEndpoint, change.Id);
        }

        endpoints ??= _conferences[request.MeetingId] = new Dictionary<string, IReadOnlySet<uint>>(StringComparer.Ordinal);
        var response = new ModifyConferenceResponse { FeedbackSources = Feedback() };
        foreach (var change in request.Endpoints)
        {
            if (change.Expire)
            {
                endpoints.Remove(change.Id);
                continue;
            }

            if (change.Create) endpoints[change.Id] = new HashSet<uint>();
            if (change.Sources is { } sources) endpoints[change.Id] = sources.Sources_.SelectMany(source => source.Ssrcs).ToHashSet();
            if (change.Create || change.RestartIce) response.Endpoints.Add(new EndpointTransport { Id = change.Id, Transport = Transport() });
        }

        return new BridgeReply(response);
    }

    private static Transport Transport()
    {
        var transport = new Transport { Ufrag = "ufrag", Password = "0123456789012345678901" };
        transport.Fingerprints.Add(new Fingerprint { Hash = "sha-256", Setup = "actpass", Value = string.Join(':', Enumerable.Repeat("AB", 32)) });
        return transport;
    }

    private static Sources Feedback()
    {
        var sources = new Sources();
        sources.Sources_.Add(new Source { Name = "jvb-a0", Type = MediaType.Audio, Ssrcs = { 1 } });
        sources.Sources_.Add(new Source { Name = "jvb-v0", Type = MediaType.Video, Ssrcs = { 2 } });
        return sources;
    }
}
