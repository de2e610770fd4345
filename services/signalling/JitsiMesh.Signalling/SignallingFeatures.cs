using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Modules.AvModeration;
using JitsiMesh.Signalling.Modules.ConferenceDuration;
using JitsiMesh.Signalling.Modules.Disco;
using JitsiMesh.Signalling.Modules.EndConference;
using JitsiMesh.Signalling.Modules.ExternalServices;
using JitsiMesh.Signalling.Modules.Identity;
using JitsiMesh.Signalling.Modules.OutsideCalls;
using JitsiMesh.Signalling.Modules.Permissions;
using JitsiMesh.Signalling.Modules.Ping;
using JitsiMesh.Signalling.Modules.Polls;
using JitsiMesh.Signalling.Modules.Region;
using JitsiMesh.Signalling.Modules.RoomMetadata;
using JitsiMesh.Signalling.Modules.Roles;
using JitsiMesh.Signalling.Modules.SpeakerStats;
using JitsiMesh.Signalling.Modules.TokenVerification;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling;

/// <summary>Which features there are: the one list that hosts, rooms and disco share.</summary>
public sealed class SignallingFeatures
{
    private readonly SignallingOptions _options;
    private readonly string _speakerStats;
    private readonly string _avModeration;
    private readonly string _endConference;
    private readonly string _metadata;
    private readonly string _polls;
    private readonly string _duration;
    private readonly TokenRoomRule _tokens;

    public SignallingFeatures(SignallingOptions options)
    {
        _options = options;
        _speakerStats = SignallingDomains.Component(options, "speakerstats");
        _avModeration = SignallingDomains.Component(options, "avmoderation");
        _endConference = SignallingDomains.Component(options, "endconference");
        _metadata = SignallingDomains.Component(options, "metadata");
        _polls = SignallingDomains.Component(options, "polls");
        _duration = SignallingDomains.Component(options, "conferenceduration");
        Components =
        [
            new ComponentIdentity("speakerstats", _speakerStats),
            new ComponentIdentity("av_moderation", _avModeration),
            new ComponentIdentity("end_conference", _endConference),
            new ComponentIdentity("room_metadata", _metadata),
            new ComponentIdentity("polls", _polls),
            new ComponentIdentity("conference_duration", _duration),
            new ComponentIdentity("lobbyrooms", SignallingDomains.Component(options, "lobby")),
        ];
        Domains = new SignallingDomains(options, Components.Select(component => component.Address));
        _tokens = new TokenRoomRule(Domains, options);
    }

    public SignallingDomains Domains { get; }

    /// <summary>The components, by the type that clients look for.</summary>
    public IReadOnlyList<ComponentIdentity> Components { get; }

    /// <param name="random">Where names and ids come from.</param>
    /// <param name="nodeTag">Names this node in resume ids; empty where there is but one.</param>
    public StanzaRouter CreateRouter(IRandomSource random, string nodeTag = "")
    {
        HostModule[] modules = [new PingModule(), new ExternalServicesModule(_options)];
        string[] features = [.. modules.SelectMany(module => module.HandledNamespaces)];
        return new StanzaRouter(Domains, random, nodeTag, [.. modules, new DiscoModule(Domains, Components, features)]);
    }

    public RoomPartition CreatePartition(int partition, IRandomSource random) => new(new RoomContext(partition, Domains, _options, random, CreateModules) { Admits = _tokens.Refuse });

    // In a lobby people see who knocks, and nothing else happens there.
    private IReadOnlyList<RoomModule> CreateModules(Room room) => room.IsLobby ? [new TokenVerificationModule(room, _tokens), new IdentityModule(room)] :
    [
        new TokenVerificationModule(room, _tokens),
        new RolesModule(room),
        // Identity first: the others see what an authority says, not what a client claims.
        new IdentityModule(room),
        new RegionModule(room),
        new PermissionsModule(room),
        new RoomMetadataModule(room, _metadata),
        new AvModerationModule(room, _avModeration),
        new SpeakerStatsModule(room, _speakerStats),
        new PollsModule(room, _polls),
        new ConferenceDurationModule(room, _duration),
        new EndConferenceModule(room, _endConference),
        new OutsideCallsModule(room),
    ];
}
