using System.Net.WebSockets;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Headless.Streams;

namespace JitsiMesh.Doctor.Probes;

/// <summary>Joins a participant to the room, and reports where the join stopped.</summary>
internal static class Joining
{
    /// <returns>The problem, as the end of a sentence; null when the participant has joined.</returns>
    public static async Task<string?> JoinAsync(HeadlessClient client, TimeSpan timeout)
    {
        try
        {
            using var limit = new CancellationTokenSource(timeout);
            await client.JoinAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            return "the WebSocket does not open: " + e.Message;
        }

        await client.WaitAsync(c => c.Read(p => p.IsJoined || p.Stream.Phase == StreamPhase.Ended) || Refusal(c) is not null, timeout).ConfigureAwait(false);
        return client.Read(p => p.IsJoined) ? null : Where(client);
    }

    private static string Where(HeadlessClient client) => Refusal(client)
        ?? client.Read(p => p.Stream.Failure is { } failure ? failure
            : p.Stream.Phase != StreamPhase.Ready ? $"the stream stops at {p.Stream.Phase}"
            : p.FocusJid is null ? "no answer to the conference request"
            : "the room does not answer the join");

    private static string? Refusal(HeadlessClient client) =>
        client.History.OfType<ParticipantEvent.Refused>().FirstOrDefault() is { } refused ? $"{refused.What} refused: {refused.Error.Condition}" : null;
}
