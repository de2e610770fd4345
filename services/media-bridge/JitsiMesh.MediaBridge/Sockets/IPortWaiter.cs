using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>Lets a loop sleep until a datagram arrives, another thread wakes it, or a deadline passes.</summary>
internal interface IPortWaiter : IDisposable
{
    void Wait(int maxMilliseconds);

    /// <summary>From any thread.</summary>
    void Wake();
}

internal sealed unsafe class LinuxPortWaiter : IPortWaiter
{
    private readonly Native.PollFd* _fds;
    private readonly int _count;
    private readonly int _event;

    public LinuxPortWaiter(IReadOnlyList<LinuxDatagramPort> ports)
    {
        _event = Native.EventFd(0, Native.EfdNonBlock | Native.EfdCloExec);
        if (_event < 0) throw new InvalidOperationException($"eventfd failed with {Marshal.GetLastPInvokeError()}.");
        _count = ports.Count + 1;
        _fds = (Native.PollFd*)NativeMemory.AllocZeroed((nuint)_count, (nuint)sizeof(Native.PollFd));
        for (var i = 0; i < ports.Count; i++) _fds[i] = new Native.PollFd { Fd = ports[i].Descriptor, Events = Native.PollIn };
        _fds[ports.Count] = new Native.PollFd { Fd = _event, Events = Native.PollIn };
    }

    public void Wait(int maxMilliseconds)
    {
        if (Native.Poll(_fds, (nuint)_count, maxMilliseconds) <= 0) return;
        if ((_fds[_count - 1].Returned & Native.PollIn) == 0) return;
        ulong value;
        Native.Read(_event, &value, sizeof(ulong));
    }

    public void Wake()
    {
        ulong one = 1;
        Native.Write(_event, &one, sizeof(ulong));
    }

    public void Dispose()
    {
        Native.Close(_event);
        NativeMemory.Free(_fds);
    }
}

internal sealed class ManagedPortWaiter : IPortWaiter
{
    private readonly IReadOnlyList<ManagedDatagramPort> _ports;
    private readonly Socket _wake;
    private readonly EndPoint _wakeAddress;
    private readonly List<Socket> _selected = [];
    private readonly byte[] _scratch = new byte[16];

    public ManagedPortWaiter(IReadOnlyList<ManagedDatagramPort> ports)
    {
        _ports = ports;
        _wake = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        _wake.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _wakeAddress = _wake.LocalEndPoint!;
    }

    public void Wait(int maxMilliseconds)
    {
        _selected.Clear();
        foreach (var port in _ports) _selected.Add(port.Socket);
        _selected.Add(_wake);
        Socket.Select(_selected, null, null, maxMilliseconds * 1000);
        while (_wake.Available > 0) _wake.Receive(_scratch);
    }

    public void Wake() => _wake.SendTo([1], _wakeAddress);

    public void Dispose() => _wake.Dispose();
}
