using JitsiMesh.Contracts.Bus;
using JitsiMesh.EdgeProxy.Placement;
using JitsiMesh.EdgeProxy.Turn;
using MassTransit;

namespace JitsiMesh.EdgeProxy;

/// <summary>Hands a bridge's report to the placement of WebSockets and to the relay.</summary>
internal sealed class BridgeReportConsumer(BridgeDirectory directory, BridgePeers peers) : IConsumer<BridgeStatusReported>
{
    public Task Consume(ConsumeContext<BridgeStatusReported> context)
    {
        directory.Note(context.Message);
        return peers.NoteAsync(context.Message, context.CancellationToken);
    }
}
