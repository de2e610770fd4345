using System.Globalization;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Headless.Streams;

/// <summary>
/// The client's side of one XMPP stream over WebSocket (RFC 7395): framing, SASL ANONYMOUS or PLAIN, bind, stream management with resumption (XEP-0198).
/// Frames go in and out; stanzas come out. A stanza that is sent while the socket is gone waits for the resumption.
/// </summary>
/// <param name="domain">The host that is logged in on.</param>
/// <param name="login">An account; nobody's when null.</param>
public sealed class ClientStream(string domain, ClientLogin? login = null)
{
    private const int AckRequestEvery = 5;
    private readonly StreamManagement<string> _management = new();
    private readonly Queue<string> _frames = new();
    private readonly Queue<string> _waiting = new();
    private readonly Queue<XmppElement> _stanzas = new();
    private bool _authenticated;

    public StreamPhase Phase { get; private set; } = StreamPhase.Idle;

    /// <summary>The full JID; null before bind.</summary>
    public Jid? Jid { get; private set; }

    /// <summary>For <c>previd</c> in the address of the next socket; null where the stream cannot be resumed.</summary>
    public string? ResumeId => _management.ResumeId;

    /// <summary>What ended the stream, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>How often it was resumed.</summary>
    public int Resumptions { get; private set; }

    /// <summary>Stanzas that the server has not said it handled.</summary>
    public int Unacknowledged => _management.UnacknowledgedCount;

    /// <summary>A socket is open: begins, or begins to resume.</summary>
    public void SocketOpened()
    {
        if (Phase is not (StreamPhase.Idle or StreamPhase.Suspended)) return;
        _authenticated = false;
        Phase = StreamPhase.Opening;
        SendOpen();
    }

    /// <summary>The socket is gone.</summary>
    public void SocketClosed()
    {
        _frames.Clear();
        if (Phase == StreamPhase.Ended) return;
        if (ResumeId is not null && Jid is not null) Phase = StreamPhase.Suspended;
        else End("the socket closed");
    }

    public void HandleFrame(string frame)
    {
        if (Phase == StreamPhase.Ended) return;
        if (!XmppParser.TryParse(frame, out var element, out var error))
        {
            End($"a frame that cannot be read: {error}");
            return;
        }

        switch (element.Namespace)
        {
            case Namespaces.Framing:
                if (XmppFraming.IsClose(element)) End("the server closed the stream");
                break;
            case Namespaces.Streams when element.Name == "error":
                End("stream error " + element.Elements.FirstOrDefault()?.Name);
                break;
            case Namespaces.Streams when element.Name == "features":
                OnFeatures(element);
                break;
            case Namespaces.Sasl:
                OnSasl(element);
                break;
            case Namespaces.StreamManagement:
                OnManagement(element);
                break;
            case Namespaces.Client:
                OnStanza(element);
                break;
        }
    }

    public bool TryDequeueFrame(out string frame) => _frames.TryDequeue(out frame!);

    public bool TryDequeueStanza(out XmppElement stanza) => _stanzas.TryDequeue(out stanza!);

    public void Send(XmppElement stanza) => SendText(XmppSerializer.Write(stanza));

    /// <summary>Leaves for good, as a page does that is closed.</summary>
    public void Close()
    {
        if (Phase == StreamPhase.Ready)
        {
            SendText(XmppSerializer.Write(Stanzas.Presence("unavailable", null)));
            _frames.Enqueue(XmppFraming.Close);
        }

        End("closed");
    }

    private void SendText(string text)
    {
        if (Phase == StreamPhase.Ended) return;
        if (Phase is not (StreamPhase.Ready or StreamPhase.Suspended) && !_management.Enabled)
        {
            _waiting.Enqueue(text);
            return;
        }

        _management.Sent(text);
        if (Phase != StreamPhase.Ready) return;
        _frames.Enqueue(text);
        if (_management.TakeRequest(AckRequestEvery)) _frames.Enqueue(Write("r"));
    }

    private void SendOpen() =>
        _frames.Enqueue(XmppSerializer.Write(new XmppElement("open", Namespaces.Framing, ("to", domain), ("version", "1.0"))));

    private void OnFeatures(XmppElement features)
    {
        if (!_authenticated)
        {
            var mechanisms = features.Child("mechanisms", Namespaces.Sasl)?.Children("mechanism").Select(m => m.Text) ?? [];
            var mechanism = login is null ? "ANONYMOUS" : "PLAIN";
            if (!mechanisms.Contains(mechanism, StringComparer.Ordinal))
            {
                End(login is null ? "the host asks for a login (no ANONYMOUS)" : "the host takes no passwords (no PLAIN)");
                return;
            }

            Phase = StreamPhase.Authenticating;
            var auth = new XmppElement("auth", Namespaces.Sasl, ("mechanism", mechanism));
            _frames.Enqueue(XmppSerializer.Write(login is null ? auth : auth.AddText(login.Plain)));
            return;
        }

        if (ResumeId is { } id && Jid is not null)
        {
            Phase = StreamPhase.Resuming;
            _frames.Enqueue(Write("resume", ("h", Number(_management.Handled)), ("previd", id)));
            return;
        }

        Phase = StreamPhase.Binding;
        _frames.Enqueue(XmppSerializer.Write(Stanzas.Iq("set", "_bind_auth_2", null, new XmppElement("bind", Namespaces.Bind))));
    }

    private void OnSasl(XmppElement element)
    {
        if (element.Name == "success")
        {
            _authenticated = true;
            Phase = StreamPhase.Restarting;
            SendOpen();
            return;
        }

        if (element.Name == "failure") End("login refused: " + element.Elements.FirstOrDefault()?.Name + " " + element.Child("text", Namespaces.Sasl)?.Text);
    }

    private void OnManagement(XmppElement element)
    {
        switch (element.Name)
        {
            case "enabled":
                _management.Enable(element["resume"] is "true" or "1" ? element["id"] : null);
                BecomeReady();
                break;
            case "resumed":
                Phase = StreamPhase.Ready;
                Resumptions++;
                if (!uint.TryParse(element["h"], NumberStyles.None, CultureInfo.InvariantCulture, out var handled)
                    || _management.Resume(handled, out var missed) != AcknowledgeOutcome.Accepted)
                {
                    End("resumed with a wrong h");
                    return;
                }

                foreach (var text in missed) _frames.Enqueue(text);
                break;
            case "failed":
                End("stream management refused: " + element.Elements.FirstOrDefault()?.Name);
                break;
            case "r":
                _frames.Enqueue(Write("a", ("h", Number(_management.Handled))));
                break;
            case "a":
                if (!uint.TryParse(element["h"], NumberStyles.None, CultureInfo.InvariantCulture, out var h) || _management.Acknowledge(h) != AcknowledgeOutcome.Accepted)
                {
                    End("acknowledged what was not sent");
                }

                break;
        }
    }

    private void OnStanza(XmppElement stanza)
    {
        if (Phase == StreamPhase.Binding && stanza.Name == "iq" && stanza["id"] == "_bind_auth_2")
        {
            if (!Xmpp.Jid.TryParse(stanza.Child("bind", Namespaces.Bind)?.Child("jid")?.Text, out var jid))
            {
                End("bind refused");
                return;
            }

            Jid = jid;
            Phase = StreamPhase.Enabling;
            _frames.Enqueue(Write("enable", ("resume", "true")));
            return;
        }

        _management.CountHandled();
        _stanzas.Enqueue(stanza);
    }

    private void BecomeReady()
    {
        Phase = StreamPhase.Ready;
        while (_waiting.TryDequeue(out var text)) SendText(text);
    }

    private void End(string reason)
    {
        Failure ??= reason;
        Phase = StreamPhase.Ended;
    }

    private static string Write(string name, params ReadOnlySpan<(string Name, string? Value)> attributes) =>
        XmppSerializer.Write(new XmppElement(name, Namespaces.StreamManagement, attributes));

    private static string Number(uint value) => value.ToString(CultureInfo.InvariantCulture);
}
