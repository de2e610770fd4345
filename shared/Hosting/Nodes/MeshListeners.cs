using System.Net;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace JitsiMesh.Hosting.Nodes;

/// <summary>
/// The listeners of this process in the order in which they are opened. Modules add theirs before the host is built; inner pages (metrics,
/// debug) are not served on a public one.
/// </summary>
public sealed class MeshListeners
{
    private readonly List<Action<KestrelServerOptions>> _listeners = [];

    public int? HttpIndex { get; private set; }

    public int? GrpcIndex { get; private set; }

    /// <summary>How many there are: the next one's index.</summary>
    public int Count => _listeners.Count;

    /// <summary>Inner HTTP/1.1, for health, metrics and what the edge passes on.</summary>
    public void AddInnerHttp(BindPort port)
    {
        HttpIndex = Count;
        Add(port, options => options.Protocols = HttpProtocols.Http1);
    }

    /// <summary>Inner gRPC: HTTP/2 without TLS, which cannot share a port with HTTP/1.1.</summary>
    public void AddInnerGrpc(BindPort port)
    {
        GrpcIndex = Count;
        Add(port, options => options.Protocols = HttpProtocols.Http2);
    }

    /// <summary>A listener that people reach. Returns its index.</summary>
    public int AddPublic(BindPort port, Action<ListenOptions> configure)
    {
        var index = Count;
        Add(port, options =>
        {
            options.Use(next => connection =>
            {
                connection.Features.Set(PublicListener.Instance);
                return next(connection);
            });
            configure(options);
        });
        return index;
    }

    /// <summary>A listener of a protocol other than HTTP. Returns its index.</summary>
    public int AddOther(BindPort port, Action<ListenOptions> configure)
    {
        var index = Count;
        Add(port, configure);
        return index;
    }

    internal void Apply(KestrelServerOptions options)
    {
        foreach (var listener in _listeners) listener(options);
    }

    private void Add(BindPort port, Action<ListenOptions> configure) => _listeners.Add(options =>
    {
        if (port.Address is not null)
        {
            options.Listen(new IPEndPoint(port.Address, port.Port), configure);
        }
        else if (port.Port == 0)
        {
            // Kestrel cannot find one port that is free on every address of both families.
            options.Listen(IPAddress.Loopback, 0, configure);
        }
        else
        {
            options.ListenAnyIP(port.Port, configure);
        }
    });
}

/// <summary>A feature of connections that came through a public listener.</summary>
public sealed class PublicListener
{
    public static readonly PublicListener Instance = new();

    private PublicListener()
    {
    }
}
