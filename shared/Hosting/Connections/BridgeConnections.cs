using System.Collections.Concurrent;
using Grpc.Core;
using JitsiMesh.Contracts.Bridge;

namespace JitsiMesh.Hosting.Connections;

/// <inheritdoc cref="IBridgeConnections"/>
public sealed class BridgeConnections(GrpcChannels channels) : IBridgeConnections
{
    private const string InProcessPrefix = "inproc:";
    private readonly ConcurrentDictionary<string, CallInvoker> _inProcess = new(StringComparer.Ordinal);

    public CallInvoker Invoker(string controlAddress)
    {
        ArgumentNullException.ThrowIfNull(controlAddress);
        if (controlAddress.StartsWith(InProcessPrefix, StringComparison.Ordinal))
        {
            return _inProcess.TryGetValue(controlAddress[InProcessPrefix.Length..], out var invoker) ? invoker : UnreachableCallInvoker.Instance;
        }

        return channels.Invoker(controlAddress);
    }

    public IDisposable Register(string bridgeId, BridgeControl.BridgeControlBase bridge)
    {
        var invoker = InProcessCallInvoker.Create(binder => BridgeControl.BindService(binder, bridge));
        _inProcess[bridgeId] = invoker;
        return new Registration(_inProcess, bridgeId, invoker);
    }

    private sealed class Registration(ConcurrentDictionary<string, CallInvoker> table, string bridgeId, CallInvoker invoker) : IDisposable
    {
        public void Dispose() => table.TryRemove(KeyValuePair.Create(bridgeId, invoker));
    }
}
