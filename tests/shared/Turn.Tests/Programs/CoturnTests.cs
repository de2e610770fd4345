using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Client;
using JitsiMesh.Turn.Credentials;

namespace JitsiMesh.Turn.Tests.Programs;

/// <summary>A relay of other authorship takes the credentials that ours are made as.</summary>
public sealed class CoturnTests
{
    private const string Secret = "a secret that both know";

    [CoturnFact]
    public async Task Coturn_takes_our_credentials_and_refuses_those_of_another_secret_or_time()
    {
        await using var coturn = await RunningCoturn.StartAsync(Secret);
        var now = TimeProvider.System.GetUtcNow();
        var name = RestCredentials.Username(now.AddHours(1), RestCredentials.UserOf(Secret, "ann@meet.jitsi/1"));
        var bare = RestCredentials.Username(now.AddHours(1), "");
        var late = RestCredentials.Username(now.AddHours(-1), "ann");
        Assert.Equal(0, await AllocateAsync(coturn.Port, name, RestCredentials.Password(Secret, name)));
        Assert.Equal(0, await AllocateAsync(coturn.Port, bare, RestCredentials.Password(Secret, bare)));
        Assert.Equal(TurnErrorCode.Unauthenticated, await AllocateAsync(coturn.Port, name, RestCredentials.Password("another", name)));
        Assert.Equal(TurnErrorCode.Unauthenticated, await AllocateAsync(coturn.Port, late, RestCredentials.Password(Secret, late)));
    }

    private static async Task<int> AllocateAsync(int port, string username, string password)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30);)
        {
            // It may not listen yet, and a datagram may be lost: tried again from the beginning and from another port, where no late answer to a try before arrives.
            try
            {
                return await TryAllocateAsync(port, new TurnClientMessages(username, password, SecureRandomSource.Instance));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                await Task.Delay(50);
            }
        }

        return -1;
    }

    /// <summary>A request without credentials, whose answer is the challenge, and one with them.</summary>
    private static async Task<int> TryAllocateAsync(int port, TurnClientMessages messages)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        var buffer = new byte[1500];
        while (true)
        {
            var challenged = messages.IsChallenged;
            await socket.SendAsync(messages.Allocate());
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            var length = await socket.ReceiveAsync(buffer, limit.Token);
            if (messages.Read(buffer.AsSpan(0, length)) is { } reply && (challenged || reply.Error != TurnErrorCode.Unauthenticated)) return reply.Error;
        }
    }
}
