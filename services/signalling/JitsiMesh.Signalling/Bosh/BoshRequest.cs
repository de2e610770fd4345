using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Bosh;

/// <summary>Who waits for the answer to a request: one connection of the client.</summary>
internal sealed class BoshWaiter
{
    private readonly TaskCompletionSource<ReadOnlyMemory<byte>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the answer's body.</summary>
    public Task<ReadOnlyMemory<byte>> Answered => _answer.Task;

    public void Answer(ReadOnlyMemory<byte> body) => _answer.TrySetResult(body);
}

/// <summary>One request of a session: what it says, read one element at a time, and who waits for its answer. Guarded by its session.</summary>
internal sealed class BoshRequest
{
    private readonly Queue<ClientInput> _before = new();
    private readonly XmppStreamReader? _reader;
    private readonly bool _terminates;
    private ReadOnlyMemory<byte> _payload;
    private bool _ended;

    /// <param name="waiter">Who has sent it.</param>
    /// <param name="rid">The request's number.</param>
    /// <param name="tag">Its start tag.</param>
    /// <param name="body">All of it; empty where it was too long to be read.</param>
    /// <param name="host">The host that the session was made for.</param>
    public BoshRequest(BoshWaiter waiter, long rid, BoshTag tag, ReadOnlyMemory<byte> body, string host)
    {
        Waiter = waiter;
        Rid = rid;
        var element = tag.Element;
        _terminates = element["type"] == "terminate";
        if (element["sid"] is null || element.Get("restart", Namespaces.XmppBosh) is "true" or "1")
        {
            // XEP-0206 section 5: what takes the place of a stream's header.
            var open = new XmppElement("open", Namespaces.Framing, ("to", element["to"] ?? host), ("version", "1.0"));
            _before.Enqueue(new ClientInput(ClientInputKind.Frame, tag.Octets) { Text = XmppSerializer.Write(open) });
        }

        if (body.IsEmpty)
        {
            _before.Enqueue(ClientInput.Refused("policy-violation", SessionEndReason.FrameTooBig));
        }
        else if (!tag.IsEmpty)
        {
            _payload = body;
            _reader = new XmppStreamReader();
        }
    }

    public long Rid { get; }

    /// <summary>Null while the client has gone away without its answer.</summary>
    public BoshWaiter? Waiter { get; set; }

    /// <summary>Everything that it says has been handled.</summary>
    public bool IsHandled { get; set; }

    public Primitives.MonotonicTime Since { get; set; }

    /// <summary>The next thing that it says; false when that was all.</summary>
    /// <param name="maximum">The longest element that is taken, in octets.</param>
    /// <param name="input">For the stream.</param>
    public bool TryTake(int maximum, out ClientInput input)
    {
        if (_before.TryDequeue(out input)) return true;
        if (TryTakeElement(maximum, out var part))
        {
            input = new ClientInput(ClientInputKind.Part, part.Octets + part.Space) { Part = part };
            return true;
        }

        if (!_terminates || _ended) return false;
        _ended = true;
        input = new ClientInput(ClientInputKind.Frame, 0) { Text = XmppFraming.Close };
        return true;
    }

    private bool TryTakeElement(int maximum, out XmppStreamPart part)
    {
        part = default;
        while (_reader is not null && !_payload.IsEmpty)
        {
            part = _reader.Read(_payload.Span, Math.Max(maximum, BoshLimits.TagOctets), out var consumed);
            _payload = _payload[consumed..];
            switch (part.Kind)
            {
                case XmppStreamPartKind.Header:
                    continue;
                case XmppStreamPartKind.Element:
                    part = part with { Element = InClientNamespace(part.Element!) };
                    return true;
                case XmppStreamPartKind.End when _payload.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0:
                    _payload = default;
                    return false;
                case XmppStreamPartKind.Refused:
                    _payload = default;
                    return true;
                default:
                    // Something behind the end, or no end at all.
                    _payload = default;
                    part = new XmppStreamPart { Kind = XmppStreamPartKind.Refused, Error = XmppParseError.NotWellFormed };
                    return true;
            }
        }

        return false;
    }

    /// <summary>A stanza without a namespace of its own stands in the body's, and is one of a client all the same (as Prosody reads it).</summary>
    private static XmppElement InClientNamespace(XmppElement element)
    {
        if (element.Namespace != Namespaces.HttpBind) return element;
        var copy = new XmppElement(element.Name, Namespaces.Client);
        foreach (var attribute in element.Attributes) copy.Set(attribute.Name, attribute.Value, attribute.Namespace);
        foreach (var node in element.Nodes)
        {
            if (node is XmppElement child) copy.Add(InClientNamespace(child));
            else copy.AddText((string)node);
        }

        return copy;
    }
}
