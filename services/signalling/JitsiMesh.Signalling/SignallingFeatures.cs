using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Modules.Disco;
using JitsiMesh.Signalling.Modules.ExternalServices;
using JitsiMesh.Signalling.Modules.Ping;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling;

/// <summary>Which features there are: the one list that hosts, rooms and disco share.</summary>
public sealed class SignallingFeatures
{
    private readonly SignallingOptions _options;

    public SignallingFeatures(SignallingOptions options)
    {
        _options = options;
        Components = [];
        Domains = new SignallingDomains(options, Components.Select(component => component.Address));
    }

    public SignallingDomains Domains { get; }

    /// <summary>The components, by the type that clients look for.</summary>
    public IReadOnlyList<ComponentIdentity> Components { get; }

    public StanzaRouter CreateRouter(IRandomSource random)
    {
        HostModule[] modules = [new PingModule(), new ExternalServicesModule(_options)];
        string[] features = [.. modules.SelectMany(module => module.HandledNamespaces)];
        return new StanzaRouter(Domains, random, [.. modules, new DiscoModule(Domains, Components, features)]);
    }

    public RoomPartition CreatePartition(int partition, IRandomSource random) => new(new RoomContext(partition, Domains, _options, random, CreateModules));

    private IReadOnlyList<RoomModule> CreateModules(Room room) => [];
}
