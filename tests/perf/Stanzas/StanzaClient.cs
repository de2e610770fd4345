using System.Globalization;
using System.Text;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Streams;
using JitsiMesh.Perf.Load;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Perf.Stanzas;

/// <summary>
/// One occupant of a room on a WebSocket (RFC 7395) with stream management, like lib-jitsi-meet. It logs in and joins with the ordinary client; after that it reads only the
/// first bytes of each frame: it counts, and acknowledges on request.
/// </summary>
internal sealed class StanzaClient : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly TextSocket _socket;
    private readonly HeadlessParticipant _participant;
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly bool _throughFocus;
    private readonly string _ownNick = SecureRandomSource.Instance.NextHex(8);
    private readonly List<string> _heard = [];
    private byte[] _presence = [];
    private byte[] _message = [];
    private bool _asked;
    private bool _managed;
    private volatile bool _counting;
    private long _delivered;
    private uint _handled;

    private StanzaClient(TextSocket socket, string room, bool throughFocus)
    {
        _socket = socket;
        _throughFocus = throughFocus;
        _participant = new HeadlessParticipant(new ParticipantOptions { Room = room, DisplayName = "Somebody", SendsAudio = false, SendsVideo = false }, SecureRandomSource.Instance);
    }

    /// <summary>Presence and groupchat stanzas received since counting started.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    public bool IsClosed => _socket.IsClosed;

    private string Nick => _participant.Nick ?? _ownNick;

    /// <param name="address">The WebSocket.</param>
    /// <param name="room">Its local part.</param>
    /// <param name="throughFocus">JitsiMesh requires a conference request to the focus first; a plain server has no focus.</param>
    public static async Task<StanzaClient> JoinAsync(Uri address, string room, bool throughFocus)
    {
        var client = new StanzaClient(await TextSocket.OpenAsync(new UriBuilder(address) { Query = "room=" + room }.Uri), room, throughFocus);
        client._socket.Start(client.OnFrame);
        client.Do((p, now) => p.SocketOpened(now));
        for (var end = LoadClock.Now + Limit; !client._joined.Task.IsCompleted;)
        {
            await Task.WhenAny(client._joined.Task, Task.Delay(250));
            if (LoadClock.Now > end) throw new TimeoutException($"Could not join {room} in time: {string.Join(" | ", client._heard)}");
            client.Do((p, now) => p.HandleTimeout(now));
            if (client._joined.Task.IsFaulted) await client._joined.Task;
            if (client._participant.Stream.Failure is { } failure) throw new InvalidOperationException("Could not join: " + failure);
        }

        return client;
    }

    /// <summary>From here on frames are counted, not read.</summary>
    public void BeginCounting()
    {
        lock (_gate)
        {
            _presence = Bytes(Presence(joining: false));
            var body = new XmppElement("body", Namespaces.Client).AddText("Can everybody hear me? I will share my screen in a moment.");
            _message = Bytes(XmppSerializer.Write(Xmpp.Stanzas.Message("groupchat", _participant.Options.RoomJid).Add(body).Add(new XmppElement("nick", Namespaces.Nick).AddText("Somebody"))));
            _heard.Clear();
            _counting = true;
        }
    }

    public void SendPresence() => _socket.Send(_presence);

    public void SendMessage() => _socket.Send(_message);

    public ValueTask DisposeAsync() => _socket.DisposeAsync();

    private void OnFrame(ReadOnlySpan<byte> frame)
    {
        // The acknowledged number counts from <enabled/> on, whichever code reads the stanza.
        if (_managed && (frame.StartsWith("<message"u8) || frame.StartsWith("<presence"u8) || frame.StartsWith("<iq"u8))) _handled++;
        if (frame.StartsWith("<enabled"u8)) _managed = true;
        if (_counting)
        {
            Count(frame);
            return;
        }

        var text = Encoding.UTF8.GetString(frame);
        _heard.Add(text);
        Do((p, now) => p.HandleFrame(text, now));
        if (text.StartsWith("<presence", StringComparison.Ordinal) && (text.Contains("'110'", StringComparison.Ordinal) || text.Contains("\"110\"", StringComparison.Ordinal))) _joined.TrySetResult();
    }

    private void Count(ReadOnlySpan<byte> frame)
    {
        if (frame.StartsWith("<message"u8) || frame.StartsWith("<presence"u8)) Interlocked.Increment(ref _delivered);
        else if (frame.StartsWith("<r "u8) || frame.StartsWith("<r/"u8)) _socket.Send(Bytes(string.Create(CultureInfo.InvariantCulture, $"<a xmlns='urn:xmpp:sm:3' h='{_handled}'/>")));
    }

    private void Do(Action<HeadlessParticipant, MonotonicTime> action)
    {
        lock (_gate)
        {
            action(_participant, LoadClock.Now);
            while (_participant.TryDequeueEvent(out var occurrence))
            {
                // Media are not measured: the client declines the offer, and focus does not repeat it.
                if (occurrence is ParticipantEvent.Offered) _participant.Terminate("success");
                if (occurrence is ParticipantEvent.Refused refused) _joined.TrySetException(new InvalidOperationException("Could not join: " + refused));
            }

            if (!_asked && _participant.Stream.Phase == StreamPhase.Ready)
            {
                _asked = true;
                if (_throughFocus) _participant.Join(LoadClock.Now);
                else _socket.Send(Bytes(Presence(joining: true)));
            }

            while (_participant.TryDequeueFrame(out var frame)) _socket.Send(Bytes(frame));
        }
    }

    /// <summary>The presence of a participant of a meeting.</summary>
    private string Presence(bool joining)
    {
        var presence = Xmpp.Stanzas.Presence(null, $"{_participant.Options.RoomJid}/{Nick}");
        if (joining) presence.Add(new XmppElement("x", Namespaces.Muc));
        presence.Add(new XmppElement("stats-id", Namespaces.Client).AddText("Load-abc"));
        presence.Add(new XmppElement("c", Namespaces.Caps, ("hash", "sha-1"), ("node", "https://jitsi.org/jitsi-meet"), ("ver", "MWHWaVWDnQVbZwZNWxPnqdmQ9nM=")));
        presence.Add(new XmppElement("jitsi_participant_codecList", Namespaces.Client).AddText("av1,vp9,vp8,h264"));
        presence.Add(new XmppElement("jitsi_participant_region", Namespaces.Client).AddText("europe"));
        presence.Add(new XmppElement("nick", Namespaces.Nick).AddText("Somebody"));
        presence.Add(new XmppElement("SourceInfo", Namespaces.Client).AddText($$$"""{"{{{Nick}}}-a0":{"muted":true},"{{{Nick}}}-v0":{"muted":true,"videoType":"camera"}}"""));
        return XmppSerializer.Write(presence);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
