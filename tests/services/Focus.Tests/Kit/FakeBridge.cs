using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.BridgeSelection;

namespace JitsiMesh.Focus.Tests.Kit;

/// <summary>A bridge for the tests of focus and the simulation: it keeps the state that requests set, and refuses what a real bridge refuses.</summary>
public sealed class FakeBridge(string id)
{
    private int _incarnation = 1;

    public string Id { get; } = id;

    public Dictionary<string, FakeBridgeConference> Conferences { get; } = [];

    /// <summary>When set, every call fails with this.</summary>
    public BridgeFailure Failure { get; set; }

    /// <summary>When set, the next call fails with this.</summary>
    public BridgeFailure FailOnce { get; set; }

    public bool Lost { get; set; }

    public bool ShuttingDown { get; set; }

    public bool Sctp { get; set; }

    /// <summary>A conference stays for a while after its last endpoint, as on a real bridge.</summary>
    public bool KeepsEmptyConferences { get; init; }

    /// <summary>Refuses requests for data channels.</summary>
    public bool RefusesSctp { get; set; }

    public bool RefusesIceRestart { get; set; }

    /// <summary>How calls about an endpoint fail, whatever they request.</summary>
    public Func<EndpointChange, BridgeFailure>? Sabotage { get; set; }

    public List<ModifyConferenceRequest> Requests { get; } = [];

    public BridgeSnapshot Snapshot => new()
    {
        BridgeId = Id,
        Instance = $"{Id}|{_incarnation}",
        ControlAddress = "inproc:" + Id,
        Region = "eu",
        Operational = !Lost,
        ShuttingDown = ShuttingDown,
    };

    public void Restart()
    {
        _incarnation++;
        Conferences.Clear();
        Lost = false;
        Failure = BridgeFailure.None;
    }

    public BridgeReply Handle(ModifyConferenceRequest request)
    {
        Requests.Add(request);
        var once = FailOnce;
        FailOnce = BridgeFailure.None;
        if (once != BridgeFailure.None) return BridgeReply.Failed(once);
        if (Failure != BridgeFailure.None) return BridgeReply.Failed(Failure);
        var sabotage = request.Endpoints.Select(change => Sabotage?.Invoke(change) ?? BridgeFailure.None).FirstOrDefault(failure => failure != BridgeFailure.None);
        if (sabotage != BridgeFailure.None) return BridgeReply.Failed(sabotage, sabotage == BridgeFailure.UnknownEndpoint ? request.Endpoints[0].Id : null);
        var known = Conferences.GetValueOrDefault(request.MeetingId);
        if (request.Create && known is not null) return BridgeReply.Failed(BridgeFailure.ConferenceExists);
        if (!request.Create && known is null) return BridgeReply.Failed(BridgeFailure.ConferenceNotFound);
        if (request.Expire)
        {
            Conferences.Remove(request.MeetingId);
            return new BridgeReply(new ModifyConferenceResponse());
        }

        // Check the whole request before any change.
        foreach (var change in request.Endpoints.Where(change => !change.Expire))
        {
            var isThere = known?.Endpoints.ContainsKey(change.Id) == true;
            if (change.Create && isThere) return BridgeReply.Failed(BridgeFailure.EndpointExists);
            if (!change.Create && !isThere) return BridgeReply.Failed(BridgeFailure.UnknownEndpoint, change.Id);
        }

        var conference = known ?? new FakeBridgeConference();
        var response = new ModifyConferenceResponse();
        foreach (var change in request.Endpoints)
        {
            var failure = Change(conference, change, response);
            if (failure is not null) return failure;
        }

        Conferences[request.MeetingId] = conference;
        if (conference.Endpoints.Count == 0 && !KeepsEmptyConferences) Conferences.Remove(request.MeetingId);
        return new BridgeReply(response);
    }

    private BridgeReply? Change(FakeBridgeConference conference, EndpointChange change, ModifyConferenceResponse response)
    {
        if (change.Expire)
        {
            conference.Endpoints.Remove(change.Id);
            return null;
        }

        if (change.Create)
        {
            if (change.Transport is { Sctp: true } && RefusesSctp) return BridgeReply.Failed(BridgeFailure.NotImplemented);
            if (change.Transport is null || !change.Capabilities.SourceNames) return BridgeReply.Failed(BridgeFailure.BadRequest);
            conference.Endpoints[change.Id] = new FakeEndpoint { Created = change };
            response.Endpoints.Add(new EndpointTransport { Id = change.Id, Transport = Transport(change.Id, change.Transport.Sctp && Sctp) });
            response.FeedbackSources = new Sources();
            response.FeedbackSources.Sources_.Add(new Source { Name = "jvb-a0", Type = MediaType.Audio, Ssrcs = { 8154 } });
            response.FeedbackSources.Sources_.Add(new Source { Name = "jvb-v0", Type = MediaType.Video, Ssrcs = { 2711 } });
        }

        var endpoint = conference.Endpoints[change.Id];
        if (!change.Create && change.Transport is not null) endpoint.RemoteUfrag = change.Transport.Ufrag;
        if (change.Sources is not null) endpoint.Sources = change.Sources;
        if (change.HasInitialLastN) endpoint.LastN = change.InitialLastN;
        if (change.ForceMute is not null) endpoint.ForceMute = change.ForceMute;
        if (change.RestartIce && !RefusesIceRestart)
        {
            var transport = Transport(change.Id, sctp: false);
            transport.IceGeneration = ++endpoint.IceGeneration;
            response.Endpoints.Add(new EndpointTransport { Id = change.Id, Transport = transport });
        }

        return null;
    }

    private Transport Transport(string endpoint, bool sctp) => new()
    {
        Ufrag = "uf" + endpoint.PadRight(2, '0'),
        Password = "password0123456789" + endpoint.PadRight(4, '0'),
        Fingerprints = { new Fingerprint { Hash = "sha-256", Setup = "actpass", Value = string.Join(':', Enumerable.Repeat("AB", 32)) } },
        Candidates = { new Candidate { Id = "c1", Foundation = "1", Component = 1, Protocol = "udp", Priority = 2130706431, Address = "203.0.113.7", Port = 10000, Type = "host" } },
        WebSocketUrls = { $"wss://meet.example/colibri-ws/{Id}/m/{endpoint}?pwd=s" },
        SctpPort = sctp ? 5000 : 0,
    };
}

public sealed class FakeBridgeConference
{
    public SortedDictionary<string, FakeEndpoint> Endpoints { get; } = new(StringComparer.Ordinal);
}

public sealed class FakeEndpoint
{
    public required EndpointChange Created { get; init; }

    public string? RemoteUfrag { get; set; }

    public Sources Sources { get; set; } = new();

    public int? LastN { get; set; }

    public ForceMute ForceMute { get; set; } = new();

    public int IceGeneration { get; set; }

    public IEnumerable<uint> Ssrcs => Sources.Sources_.SelectMany(source => source.Ssrcs);
}
