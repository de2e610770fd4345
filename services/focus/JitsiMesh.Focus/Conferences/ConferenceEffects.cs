using JitsiMesh.Contracts.Links;
using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Shared by the parts of a conference while it handles one input: the time, a snapshot of the bridges, and the outputs so far, in order.</summary>
internal sealed class ConferenceEffects(ConferenceDocument document, FocusOptions options)
{
    private readonly List<ConferenceOutput> _outputs = [];
    private ConferenceContext _context = null!;

    public MonotonicTime Now => _context.Now;

    public BridgePoolSnapshot Bridges => _context.Bridges;

    /// <summary>Features by <c>node#ver</c>, each verified against its hash.</summary>
    public IReadOnlyDictionary<string, ParticipantFeatures> Caps => _context.Caps;

    /// <summary>W3C trace context of the current stanza, or null.</summary>
    public string? Trace { get; private set; }

    /// <summary>The outputs since <see cref="Begin"/>.</summary>
    public IReadOnlyList<ConferenceOutput> Outputs => [.. _outputs];

    /// <summary>The envelopes among the outputs.</summary>
    public IReadOnlyList<StanzaEnvelope> Outbox => [.. _outputs.OfType<SendStanza>().Select(output => output.Envelope)];

    public void Begin(ConferenceContext context, string? trace)
    {
        _context = context;
        Trace = trace;
        _outputs.Clear();
    }

    public void Add(ConferenceOutput output) => _outputs.Add(output);

    public void Count(ConferenceEvent what) => _outputs.Add(new Counted(what));

    public string OccupantJid(string nick) => $"{document.Core.Room}/{nick}";

    /// <summary>The next number of this conference, for an IQ or a call.</summary>
    public long NextNumber()
    {
        document.Core = document.Core with { LastNumber = document.Core.LastNumber + 1 };
        return document.Core.LastNumber;
    }

    public void Send(XmppElement stanza, string askerQueue = "")
    {
        document.Core = document.Core with { LastSent = document.Core.LastSent + 1 };
        _outputs.Add(new SendStanza(new StanzaEnvelope
        {
            Room = document.Core.Room,
            Stanza = stanza.ToString(),
            Sender = "focus/" + document.Core.Tag,
            Sequence = document.Core.LastSent,
            AskerQueue = askerQueue,
        }));
    }

    /// <summary>Sends an IQ whose answer does not matter.</summary>
    /// <returns>Its id.</returns>
    public string SendIq(string to, XmppElement payload, string type = "set")
    {
        var id = $"{document.Core.Tag}-{NextNumber()}";
        Send(Stanzas.Iq(type, id, to, payload, options.FullAddress));
        return id;
    }

    /// <summary>Answers a request with an error; other stanzas get no answer (RFC 6120 section 8.3.1).</summary>
    public void Answer(XmppElement stanza, StanzaError error, string askerQueue = "")
    {
        if (Stanzas.IsRequest(stanza)) Send(Stanzas.Error(stanza, error), askerQueue);
    }

    /// <summary>Answers a participant's request with an error and counts it in the metrics.</summary>
    public void Refuse(XmppElement iq, StanzaError error)
    {
        _outputs.Add(new JingleRefused(error.Condition));
        Answer(iq, error);
    }
}
