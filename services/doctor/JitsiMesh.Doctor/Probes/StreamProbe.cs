using System.Net.WebSockets;
using System.Text;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Doctor.Probes;

/// <summary>Opens WebSockets of the page's server and reads the first messages.</summary>
internal static class StreamProbe
{
    private const int MaxFrame = 64 * 1024;

    /// <summary>Opens <c>/xmpp-websocket</c> as a client does.</summary>
    /// <param name="address">ws or wss, with its query.</param>
    /// <param name="domain">The stream's host.</param>
    /// <param name="timeout">Timeout for all steps.</param>
    /// <returns>The selected subprotocol, and the SASL mechanisms offered.</returns>
    /// <exception cref="WebSocketException">It does not open, or closes.</exception>
    public static async Task<(string? SubProtocol, IReadOnlyList<string> Mechanisms)> ReadMechanismsAsync(Uri address, string domain, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        using var socket = Create("xmpp");
        await socket.ConnectAsync(address, limit.Token).ConfigureAwait(false);
        var open = XmppSerializer.Write(new XmppElement("open", Namespaces.Framing, ("to", domain), ("version", "1.0")));
        await socket.SendAsync(Encoding.UTF8.GetBytes(open), WebSocketMessageType.Text, true, limit.Token).ConfigureAwait(false);
        while (true)
        {
            if (!XmppParser.TryParse(await ReceiveAsync(socket, limit.Token).ConfigureAwait(false), out var frame, out _)) throw new WebSocketException("it does not speak XMPP");
            if (frame.Name == "error" || XmppFraming.IsClose(frame)) throw new WebSocketException($"the stream is refused: {frame.Elements.FirstOrDefault()?.Name ?? "closed"}");
            if (frame.Name != "features") continue;
            IReadOnlyList<string> mechanisms = [.. frame.Child("mechanisms", Namespaces.Sasl)?.Children("mechanism").Select(m => m.Text) ?? []];
            return (socket.SubProtocol, mechanisms);
        }
    }

    /// <summary>Opens a bridge channel and waits for the bridge's hello.</summary>
    /// <exception cref="WebSocketException">It does not open, or closes.</exception>
    public static async Task GreetBridgeAsync(Uri address, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        using var socket = Create(null);
        await socket.ConnectAsync(address, limit.Token).ConfigureAwait(false);
        await socket.SendAsync("""{"colibriClass":"ClientHello"}"""u8.ToArray(), WebSocketMessageType.Text, true, limit.Token).ConfigureAwait(false);
        while (!(await ReceiveAsync(socket, limit.Token).ConfigureAwait(false)).Contains("ServerHello", StringComparison.Ordinal))
        {
            // Skip any other message that arrives first.
        }
    }

    private static ClientWebSocket Create(string? protocol)
    {
        var socket = new ClientWebSocket();
        if (protocol is not null) socket.Options.AddSubProtocol(protocol);
        socket.Options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        return socket;
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellation)
    {
        var buffer = new byte[MaxFrame];
        var length = 0;
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            if (result.MessageType == WebSocketMessageType.Close) throw new WebSocketException($"it closes: {socket.CloseStatusDescription ?? socket.CloseStatus?.ToString()}");
            length += result.Count;
            if (result.EndOfMessage) return Encoding.UTF8.GetString(buffer, 0, length);
            if (length == buffer.Length) throw new WebSocketException("its first message is too long");
        }
    }
}
