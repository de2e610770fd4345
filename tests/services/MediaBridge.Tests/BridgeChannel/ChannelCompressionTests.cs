using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.MediaBridge.Tests.BridgeChannel;

/// <summary>permessage-deflate on a real socket, accepted as the bridge accepts.</summary>
public sealed class ChannelCompressionTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly BlockingCollection<string> _messages = [];
    private readonly BlockingCollection<ChannelRejection> _rejections = [];
    private readonly string _long = new('x', ChannelLimits.MaxMessageBytes - 10);
    private WebApplication _app = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync(ChannelEndpoint.AcceptContext());
            var channel = new ChannelSocket(socket);
            channel.Send(Encoding.UTF8.GetBytes(_long));
            channel.Send("short"u8.ToArray());
            await channel.RunAsync(
                message =>
                {
                    _messages.Add(Encoding.UTF8.GetString(message));
                    return Task.CompletedTask;
                },
                reason =>
                {
                    _rejections.Add(reason);
                    return Task.CompletedTask;
                },
                context.RequestAborted);
        });
        await _app.StartAsync();
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Deflate_is_accepted_where_it_is_offered_and_messages_come_through_both_ways()
    {
        using var client = await ConnectAsync(deflate: true);
        Assert.Contains("permessage-deflate", string.Join(',', client.HttpResponseHeaders!["Sec-WebSocket-Extensions"]), StringComparison.Ordinal);
        Assert.Equal(_long, await ReceiveAsync(client));
        Assert.Equal("short", await ReceiveAsync(client));
        await SendAsync(client, _long);
        Assert.True(_messages.TryTake(out var message, Patience));
        Assert.Equal(_long, message);
    }

    [Fact]
    public async Task Who_does_not_offer_it_is_served_without()
    {
        using var client = await ConnectAsync(deflate: false);
        Assert.False(client.HttpResponseHeaders!.ContainsKey("Sec-WebSocket-Extensions"));
        Assert.Equal(_long, await ReceiveAsync(client));
    }

    [Fact]
    public async Task The_limit_of_a_message_counts_what_it_inflates_to_and_the_connection_stays()
    {
        using var client = await ConnectAsync(deflate: true);
        await SendAsync(client, new string('x', ChannelLimits.MaxMessageBytes + 1));
        Assert.True(_rejections.TryTake(out var rejection, Patience));
        Assert.Equal(ChannelRejection.TooLong, rejection);
        await SendAsync(client, "after");
        Assert.True(_messages.TryTake(out var message, Patience));
        Assert.Equal("after", message);
    }

    [Fact]
    public async Task A_message_that_inflates_without_end_ends_the_connection()
    {
        using var client = await ConnectAsync(deflate: true);
        var piece = new byte[1024 * 1024];
        var sent = 0;
        try
        {
            for (; sent < 200; sent++) await client.SendAsync(piece, WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // The bridge is gone in the middle of it.
        }

        Assert.True(_rejections.TryTake(out var rejection, Patience));
        Assert.Equal(ChannelRejection.TooLong, rejection);
        using var patience = new CancellationTokenSource(Patience);
        var closed = false;
        try
        {
            var buffer = new byte[ChannelLimits.MaxMessageBytes];
            while (!closed) closed = (await client.ReceiveAsync(buffer, patience.Token)).MessageType == WebSocketMessageType.Close;
        }
        catch (WebSocketException)
        {
            closed = true;
        }

        Assert.True(closed);
        Assert.Empty(_messages);
    }

    private async Task<ClientWebSocket> ConnectAsync(bool deflate)
    {
        var client = new ClientWebSocket();
        client.Options.CollectHttpResponseDetails = true;
        client.Options.Proxy = null;
        if (deflate) client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        var address = new UriBuilder(_app.Urls.Single()) { Scheme = "ws" }.Uri;
        await client.ConnectAsync(address, CancellationToken.None).WaitAsync(Patience);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, client.HttpStatusCode);
        return client;
    }

    private static Task SendAsync(ClientWebSocket client, string text) =>
        client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private static async Task<string> ReceiveAsync(ClientWebSocket client)
    {
        var buffer = new byte[2 * ChannelLimits.MaxMessageBytes];
        var length = 0;
        while (true)
        {
            var result = await client.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).AsTask().WaitAsync(Patience);
            length += result.Count;
            if (result.EndOfMessage) return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }
}
