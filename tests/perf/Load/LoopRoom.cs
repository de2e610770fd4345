using JitsiMesh.Perf.Processes;
using JitsiMesh.Primitives;

namespace JitsiMesh.Perf.Load;

/// <summary>The same clients towards the C loop: fixed key, no signalling.</summary>
internal static class LoopRoom
{
    private const byte Vp8 = 96;

    public static LoadRoom Join(LoadEngine engine, ForwardLoop loop, int receivers)
    {
        TransportAddress.TryParse("127.0.0.1", loop.Port, out var remote);
        var clients = new List<LoadClient>();
        for (var i = 0; i <= receivers; i++)
        {
            var socket = new LoadSocket(System.Net.IPAddress.Loopback, i == 0 ? 0 : loop.FirstReceiverPort + i - 1);
            var link = new FixedKeyLink(remote, loop.Key, loop.Salt);
            var client = new LoadClient(socket, link, 1000 + (uint)i) { Formats = new LoadFormats(Vp8, 0) };
            if (i == 0) client.Feed = new VideoFeed(1000, Vp8, 0);
            engine.Add(client);
            clients.Add(client);
        }

        return engine.Form("C loop", clients);
    }
}
