using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Modules.Administration;
using JitsiMesh.Signalling.Modules.AvModeration;
using JitsiMesh.Signalling.Modules.BreakoutRooms;
using JitsiMesh.Signalling.Modules.ConferenceDuration;
using JitsiMesh.Signalling.Modules.Disco;
using JitsiMesh.Signalling.Modules.EndConference;
using JitsiMesh.Signalling.Modules.ExternalServices;
using JitsiMesh.Signalling.Modules.Identity;
using JitsiMesh.Signalling.Modules.OutsideCalls;
using JitsiMesh.Signalling.Modules.Permissions;
using JitsiMesh.Signalling.Modules.PersistentLobby;
using JitsiMesh.Signalling.Modules.Ping;
using JitsiMesh.Signalling.Modules.Polls;
using JitsiMesh.Signalling.Modules.Region;
using JitsiMesh.Signalling.Modules.Reservation;
using JitsiMesh.Signalling.Modules.RoomEvents;
using JitsiMesh.Signalling.Modules.RoomMetadata;
using JitsiMesh.Signalling.Modules.Roles;
using JitsiMesh.Signalling.Modules.Roster;
using JitsiMesh.Signalling.Modules.SpeakerStats;
using JitsiMesh.Signalling.Modules.TokenVerification;
using JitsiMesh.Signalling.Modules.WaitForHost;
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
            new ComponentIdentity("room_metadata", _metadata),
            new ComponentIdentity("polls", _polls),
            new ComponentIdentity("conference_duration", _duration),
        ];
        // Without them clients offer no such thing.
        if (options.AvModeration) Components = [.. Components, new ComponentIdentity("av_moderation", _avModeration)];
        if (options.EndConference) Components = [.. Components, new ComponentIdentity("end_conference", _endConference)];
        if (options.Lobby) Components = [.. Components, new ComponentIdentity("lobbyrooms", SignallingDomains.Component(options, "lobby"))];
        if (options.BreakoutRooms) Components = [.. Components, new ComponentIdentity("breakout_rooms", SignallingDomains.Component(options, "breakout"))];
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
        HostModule[] modules = [new PingModule(), new RosterModule(), new ExternalServicesModule(_options)];
        string[] features = [.. modules.SelectMany(module => module.HandledNamespaces)];
        return new StanzaRouter(Domains, random, nodeTag, [.. modules, new DiscoModule(Domains, Components, features)]);
    }

    public RoomPartition CreatePartition(int partition, IRandomSource random) => new(new RoomContext(partition, Domains, _options, random, CreateModules) { Admits = _tokens.Refuse });

    // In a lobby people see who knocks, and nothing else happens there.
    private IReadOnlyList<RoomModule> CreateModules(Room room) => room.IsLobby ? [new TokenVerificationModule(room, _tokens), new IdentityModule(room)] :
    [
        .. room.IsBreakout ? [new BreakoutRoomModule(room, Domains.BreakoutDomain)] : CreateHooks(room),
        new RolesModule(room),
        // Identity first: the others see what an authority says, not what a client claims.
        new IdentityModule(room),
        new RegionModule(room),
        new PermissionsModule(room),
        new RoomMetadataModule(room, _metadata),
        .. CreateCommands(room),
        new SpeakerStatsModule(room, _speakerStats),
        new PollsModule(room, _polls),
        new ConferenceDurationModule(room, _duration),
        new OutsideCallsModule(room),
        new AdministrationModule(room),
        .. room.IsBreakout ? [] : CreateEvents(room),
    ];

    // Last, so that it tells of what all the others have made of it.
    private IEnumerable<RoomModule> CreateEvents(Room room)
    {
        if (_options.RoomEvents.Count > 0) yield return new RoomEventsModule(room, _options.RoomEvents);
    }

    // What moderators may do to the others, as far as the operator lets them.
    private IEnumerable<RoomModule> CreateCommands(Room room)
    {
        if (_options.AvModeration) yield return new AvModerationModule(room, _avModeration);
        if (_options.EndConference && !room.IsBreakout) yield return new EndConferenceModule(room, _endConference);
    }

    // Who opens a room and who may be in it, for how long it is there, and what rooms there are beside it: as the operator wants it.
    private IEnumerable<RoomModule> CreateHooks(Room room)
    {
        if (_options.Reservations) yield return new ReservationModule(room);
        if (_options.PersistentLobby) yield return new PersistentLobbyModule(room);
        if (_options.WaitForHostInLobby) yield return new WaitForHostModule(room);
        yield return new TokenVerificationModule(room, _tokens);
        if (_options.BreakoutRooms) yield return new BreakoutRoomsModule(room, Domains.BreakoutDomain);
    }
}
