using System.Text;
using System.Text.Json;
using JitsiMesh.Headless.Media;
using JitsiMesh.Headless.Sockets;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>Somebody who joined the call by the door and then sends what he likes from his own address, with his own keys. Keeps samples of what he sent while he behaved.</summary>
public sealed class Attacker : IAsyncDisposable
{
    private const int SamplesOfKind = 64;
    private readonly CallUnderFire _call;
    private readonly Party _party;
    private readonly Dictionary<Kind, List<byte[]>> _samples = Enum.GetValues<Kind>().ToDictionary(k => k, _ => new List<byte[]>());

    private readonly bool _dataChannel;
    private readonly bool _sendsMedia;

    public Attacker(CallUnderFire call, ulong seed, bool dataChannel = true, bool sendsMedia = true)
    {
        _call = call;
        _dataChannel = dataChannel;
        _sendsMedia = sendsMedia;
        _party = new Party(call.Mesh, seed);
        _party.Runner.Tap = Record;
    }

    public enum Kind
    {
        Stun,
        Dtls,
        Srtp,
        Srtcp,
        Sctp,
        Rtp,
        Rtcp,
    }

    public HeadlessClient Client => _party.Clients[^1];

    public UdpEndpointRunner Runner => _party.Runner;

    /// <summary>How often he had to come in anew, since the bridge or focus had enough.</summary>
    public int Joins { get; private set; }

    public byte[][] Samples(params Kind[] kinds) => Runner.Invoke(_ => kinds.SelectMany(k => _samples[k]).ToArray());

    public async Task JoinAsync(bool needsChannel = true)
    {
        if (_party.Clients.Count > 0) await Client.DisposeAsync();
        Joins++;

        // What another session sent has other keys and tags.
        Runner.Invoke(_ =>
        {
            foreach (var kept in _samples.Values) kept.Clear();
        });
        var client = _party.Add(_call.Room, Party.SteadyMedia, o => o with { DataChannel = _dataChannel, SendsAudio = _sendsMedia, SendsVideo = _sendsMedia });
        await client.JoinAsync();
        await _party.ExpectAsync("the attacker is in", () => client.IsMediaConnected && (!needsChannel || client.HasChannel));
    }

    /// <summary>Comes in again when the bridge has given him up; true when he had to.</summary>
    public async Task<bool> EnsureInAsync()
    {
        if (Client.IsMediaConnected && await IsServedAsync()) return false;
        await JoinAsync();
        return true;
    }

    /// <summary>Runs something for the endpoint between two rounds of its thread.</summary>
    public void Fire(Action<HeadlessEndpoint, JitsiMesh.Primitives.MonotonicTime> shot)
    {
        if (Client.Endpoint is { } endpoint) Runner.Invoke(now => shot(endpoint, now));
    }

    /// <summary>Sends on the bridge channel; false when its buffer is full.</summary>
    public bool Say(byte[] message) => _dataChannel
        ? Client.Endpoint is { } endpoint && Runner.Invoke(now => endpoint.SendChannelMessage(message, now))
        : Client.SendChannelMessage(Encoding.UTF8.GetString(message));

    /// <summary>How many of them the bridge has read.</summary>
    public async Task<long> ChannelMessagesAsync()
    {
        using var page = JsonDocument.Parse(await _call.Mesh.InnerAsync("/debug/media-bridge"));
        return Find(page)?.GetProperty("channelMessages").GetProperty("received").GetInt64() ?? 0;
    }

    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        if (Client.Endpoint is { } endpoint) Runner.SendRaw(endpoint, bytes, _call.Mesh.Media);
    }

    public async ValueTask DisposeAsync() => await _party.DisposeAsync();

    private async Task<bool> IsServedAsync()
    {
        using var page = JsonDocument.Parse(await _call.Mesh.InnerAsync("/debug/media-bridge"));
        return Find(page) is { } endpoint && endpoint.GetProperty("dtls").GetString() == "Connected" && endpoint.GetProperty("channel").GetString() != "none";
    }

    private JsonElement? Find(JsonDocument page)
    {
        foreach (var endpoint in page.RootElement.GetProperty("conferences").EnumerateArray().SelectMany(c => c.GetProperty("endpoints").EnumerateArray()))
        {
            if (endpoint.GetProperty("id").GetString() == Client.Nick) return endpoint;
        }

        return null;
    }

    private void Record(HeadlessEndpoint endpoint, Datagram datagram)
    {
        endpoint.SctpTap ??= packet => Keep(Kind.Sctp, packet);
        endpoint.MediaTap ??= packet => Keep(IsRtcp(packet.Span) ? Kind.Rtcp : Kind.Rtp, packet);
        var bytes = datagram.Bytes;
        if (bytes.Length < 2) return;
        switch (bytes.Span[0])
        {
            case <= 3:
                Keep(Kind.Stun, bytes);
                break;
            case >= 20 and <= 63:
                Keep(Kind.Dtls, bytes);
                break;
            case >= 128 and <= 191:
                Keep(IsRtcp(bytes.Span) ? Kind.Srtcp : Kind.Srtp, bytes);
                break;
        }
    }

    private void Keep(Kind kind, ReadOnlyMemory<byte> bytes)
    {
        if (_samples[kind].Count < SamplesOfKind) _samples[kind].Add(bytes.ToArray());
    }

    private static bool IsRtcp(ReadOnlySpan<byte> packet) => packet.Length > 1 && packet[1] is >= 192 and <= 223;
}
