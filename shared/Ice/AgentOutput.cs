using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>Datagrams and events queued for the owner, which drains them after each input; when the queue is full the oldest is dropped.</summary>
internal sealed class AgentOutput
{
    private readonly Queue<IceTransmit> _transmits = [];
    private readonly Queue<IceEvent> _events = [];

    public void Raise(IceEvent iceEvent)
    {
        if (_events.Count >= IceLimits.MaxQueued) _events.Dequeue();
        _events.Enqueue(iceEvent);
    }

    public void Transmit(TransportAddress local, TransportAddress remote, ReadOnlyMemory<byte> datagram)
    {
        if (_transmits.Count >= IceLimits.MaxQueued) _transmits.Dequeue();
        _transmits.Enqueue(new IceTransmit(local, remote, datagram));
    }

    public bool TryDequeueTransmit(out IceTransmit transmit) => _transmits.TryDequeue(out transmit);

    public bool TryDequeueEvent([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IceEvent? iceEvent) => _events.TryDequeue(out iceEvent);
}
