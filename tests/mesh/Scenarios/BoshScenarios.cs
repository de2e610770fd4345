using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Kit.Clients;
using JitsiMesh.Mesh.Tests.UnderTest;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Mesh.Tests.Scenarios;

/// <summary>Sessions over BOSH in a mesh of several signalling nodes, by the edge.</summary>
internal static class BoshScenarios
{
    private const int Sessions = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Without a room in the address nothing but the session's id says where a request belongs.</summary>
    public static async Task SessionsStayWithTheirNode(IMeshUnderTest mesh)
    {
        var tags = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Sessions; i++)
        {
            await using var wire = new BoshWire(new Uri(mesh.PlainHttp, "http-bind"));
            var open = $"<open xmlns='{Namespaces.Framing}' to='{mesh.Domain}' version='1.0'/>";
            await wire.SendAsync(open);
            await UntilAsync(wire, e => e.Name == "features");
            await wire.SendAsync($"<auth xmlns='{Namespaces.Sasl}' mechanism='ANONYMOUS'/>");
            await UntilAsync(wire, e => e.Name == "success");
            await wire.SendAsync(open);
            await UntilAsync(wire, e => e.Name == "features");
            await wire.SendAsync($"<iq xmlns='{Namespaces.Client}' type='set' id='b'><bind xmlns='{Namespaces.Bind}'/></iq>");
            await UntilAsync(wire, e => e["id"] == "b" && e["type"] == "result");
            for (var n = 0; n < 5; n++)
            {
                await wire.SendAsync($"<iq xmlns='{Namespaces.Client}' type='get' id='p{n}' to='{mesh.Domain}'><ping xmlns='{Namespaces.Ping}'/></iq>");
                await UntilAsync(wire, e => e["id"] == $"p{n}" && e["type"] == "result");
            }

            tags.Add(NodeTag.Read(wire.SessionId)!);
            await wire.SendAsync($"<close xmlns='{Namespaces.Framing}'/>");
            await wire.Completion.WaitAsync(Patience);
            Assert.Equal("", wire.Ended);
        }

        Assert.Equal(2, tags.Count);
    }

    private static async Task UntilAsync(BoshWire wire, Func<XmppElement, bool> isIt)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isIt(await wire.Received.ReadAsync(limit.Token)))
        {
            // Another one.
        }
    }
}
