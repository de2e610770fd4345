using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace JitsiMesh.Hosting.Connections;

/// <summary>One pooled channel for each address, every call with the mesh credential.</summary>
public sealed class GrpcChannels(MeshCredential credential) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<GrpcChannel>> _channels = new(StringComparer.Ordinal);

    public CallInvoker Invoker(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")) return UnreachableCallInvoker.Instance;
        var channel = _channels.GetOrAdd(address, _ => new Lazy<GrpcChannel>(() => Open(uri))).Value;
        return channel.Intercept(new MeshCredentialClientInterceptor(credential));
    }

    public void Dispose()
    {
        foreach (var channel in _channels.Values.Where(c => c.IsValueCreated)) channel.Value.Dispose();
    }

    private static GrpcChannel Open(Uri address) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(2),

            // A peer that crashed is detected within 20 s even without calls.
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        },
        DisposeHttpClient = true,
        MaxReceiveMessageSize = GrpcLimits.MessageOctets,
        MaxSendMessageSize = GrpcLimits.MessageOctets,
    });
}
