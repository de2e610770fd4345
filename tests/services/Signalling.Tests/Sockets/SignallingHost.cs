using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tcp;
using JitsiMesh.Xmpp;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>The real service on a port of loopback, with link and store in memory, and a focus that opens rooms.</summary>
public sealed class SignallingHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IAsyncDisposable _focus;
    private readonly LinkFocus _requests;

    private SignallingHost(WebApplication app, IAsyncDisposable focus, LinkFocus requests, int port)
    {
        _app = app;
        _requests = requests;
        _focus = focus;
        Port = port;
    }

    public int Port { get; }

    /// <summary>The port of XMPP over TCP, where it is on.</summary>
    public int TcpPort => Services.GetRequiredService<ListenAddresses>().Port(Services.GetRequiredService<XmppTcpListener>().Index);

    public IServiceProvider Services => _app.Services;

    /// <summary>The room of each conference request that came to focus.</summary>
    public IReadOnlyList<string> Asked => [.. _requests.Requests.Select(r => r.Room)];

    /// <summary>The conference requests that came to focus, as the link brought them.</summary>
    public IReadOnlyList<StanzaEnvelope> Requests => _requests.Requests;

    /// <param name="admission">Who decides about logins; everybody is a guest where it is null.</param>
    /// <param name="settings">Beside those of the ports.</param>
    /// <param name="prepare">Registers what takes the place of the service's own parts.</param>
    public static async Task<SignallingHost> StartAsync(IAdmission? admission = null, (string Name, string Value)[]? settings = null, Action<IServiceCollection>? prepare = null)
    {
        var builder = MeshHost.CreateBuilder([]);
        prepare?.Invoke(builder.Services);
        var all = new (string Name, string Value)[] { ("MESH_HTTP_PORT", "127.0.0.1:0"), ("MESH_GRPC_PORT", "127.0.0.1:0") }.Concat(settings ?? []);
        builder.AddMeshDefaults("signalling", MeshSettings.From(all.Select(one => KeyValuePair.Create(one.Name, (string?)one.Value))));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<IAdmission>(provider => admission ?? new AnonymousAdmission(provider.GetRequiredService<SignallingFeatures>().Domains));
        builder.AddSignalling();
        var app = builder.Build();
        app.MapMeshDefaults();
        app.MapSignalling();
        await app.StartAsync();
        await app.Services.GetRequiredService<ListenAddresses>().Known;
        var link = app.Services.GetRequiredService<IStanzaLink>();
        var requests = new LinkFocus(link);
        var focus = await link.ConsumePartitionsAsync("focus", requests);
        return new SignallingHost(app, focus, requests, app.Services.GetRequiredService<ListenAddresses>().HttpPort);
    }

    /// <summary>A stanza of focus, which has no budget.</summary>
    public ValueTask FocusSaysAsync(string room, string stanza) => Services.GetRequiredService<IStanzaLink>().SendAsync(
        LinkQueue.Partition("signalling", Contracts.Partitions.Of(room)), new StanzaEnvelope { Room = room, Stanza = stanza.Replace("<message ", "<message xmlns='jabber:client' ", StringComparison.Ordinal) });

    public async ValueTask DisposeAsync()
    {
        await _focus.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Answers every conference request: joins the room once, then says ready.</summary>
    private sealed class LinkFocus(IStanzaLink link) : IPartitionConsumer
    {
        private readonly HashSet<string> _rooms = new(StringComparer.Ordinal);
        private readonly List<StanzaEnvelope> _requests = [];

        public IReadOnlyList<StanzaEnvelope> Requests
        {
            get
            {
                lock (_rooms) return [.. _requests];
            }
        }

        public ValueTask AcquiredAsync(int partition, long epoch, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask LostAsync(int partition) => ValueTask.CompletedTask;

        public async ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation)
        {
            var stanza = XmppParser.Parse(envelope.Stanza);
            if (stanza.Child("conference", Namespaces.Focus) is not { } request) return;
            bool fresh;
            lock (_rooms)
            {
                fresh = _rooms.Add(envelope.Room);
                _requests.Add(envelope);
            }

            if (fresh) await SendAsync(envelope.Room, Stanzas.Presence(null, $"{envelope.Room}/focus").Add(new XmppElement("x", Namespaces.Muc)), cancellation);
            var answer = new XmppElement("conference", Namespaces.Focus, ("room", request["room"]), ("focusjid", "focus@auth.meet.jitsi"), ("ready", "true"));
            answer.Add(new XmppElement("property", Namespaces.Focus, ("name", "authentication"), ("value", "false")));
            await SendAsync(envelope.Room, Stanzas.Result(stanza, answer), cancellation);
        }

        private ValueTask SendAsync(string room, XmppElement stanza, CancellationToken cancellation) =>
            link.SendAsync(LinkQueue.Partition("signalling", Contracts.Partitions.Of(room)), new StanzaEnvelope { Room = room, Stanza = stanza.ToString() }, cancellation);
    }
}
