using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Kit;

/// <summary>The environment of one part of a conference, without the conference: a document for participants, a time, bridges, and the outputs of one input.</summary>
internal sealed class ConferenceParts
{
    public const string Room = "standup@conference.meet.example";

    private readonly Dictionary<string, ParticipantFeatures> _caps = [];
    private MonotonicTime _now = MonotonicTime.FromSeconds(1000);

    public ConferenceParts()
    {
        Options = new FocusOptions { XmppDomain = "meet.example", AuthDomain = "auth.meet.example", MucDomain = "conference.meet.example", GuestDomain = "guest.meet.example" };
        Document = new ConferenceDocument(new ConferenceCore { Room = Room, MeetingId = "5f2d", Tag = "tag", Phase = ConferencePhase.Active });
        Effects = new ConferenceEffects(Document, Options);
        Iqs = new IqRequests(Document, Effects, Options);
        Presence = new FocusPresence(Document, Effects, Options);
        Timeouts = new ConferenceTimeouts(Document, Effects, Options);
        Owners = new OwnerElection(Document, Effects, Options);
        Budgets = new RequestBudgets(Document, Effects);
        Calls = new BridgeCalls(Document, Effects);
        Bridges = new BridgeAssignment(Document, Effects, Calls, Presence, Random, Options);
        Moderation = new Moderation(Document, Effects, Calls, Budgets, Options);
        Sources = new SourceSignalling(Document, Effects, Options);
        Sessions = new ParticipantSessions(Document, Effects, Iqs, Calls, Sources, Options);
        Invitations = new Invitations(Document, Effects, Iqs, Calls, Bridges, Presence, Sources, Moderation, Sessions, Random, Options);
        Requests = new ConferenceRequests(Document, Effects, Presence, Timeouts, Owners, Moderation, Options);
        Begin();
    }

    public FocusOptions Options { get; }

    public ConferenceDocument Document { get; }

    public SeededRandomSource Random { get; } = new(7);

    public ConferenceEffects Effects { get; }

    public IqRequests Iqs { get; }

    public FocusPresence Presence { get; }

    public ConferenceTimeouts Timeouts { get; }

    public OwnerElection Owners { get; }

    public RequestBudgets Budgets { get; }

    public BridgeCalls Calls { get; }

    public BridgeAssignment Bridges { get; }

    public Moderation Moderation { get; }

    public SourceSignalling Sources { get; }

    public ParticipantSessions Sessions { get; }

    public Invitations Invitations { get; }

    public ConferenceRequests Requests { get; }

    /// <summary>The bridges that the node knows from the next <see cref="Begin"/> on.</summary>
    public List<FakeBridge> Known { get; } = [new FakeBridge("jvb-1")];

    public IDictionary<string, ParticipantFeatures> Caps => _caps;

    /// <summary>The outputs since <see cref="Begin"/>.</summary>
    public IReadOnlyList<ConferenceOutput> Outputs => Effects.Outputs;

    public IReadOnlyList<XmppElement> Stanzas => [.. Effects.Outbox.Select(envelope => XmppParser.Parse(envelope.Stanza))];

    public IReadOnlyList<CallBridge> BridgeCalls => [.. Effects.Outputs.OfType<CallBridge>()];

    public ConferenceCore Core
    {
        get => Document.Core;
        set => Document.Core = value;
    }

    /// <summary>Begins another input at a later time.</summary>
    public void Begin(double secondsLater = 0, string? trace = null)
    {
        _now += TimeSpan.FromSeconds(secondsLater);
        Effects.Begin(new ConferenceContext(_now, new BridgePoolSnapshot([.. Known.Select(bridge => bridge.Snapshot)]), _caps), trace);
    }

    public int Count(ConferenceEvent what) => Outputs.OfType<Counted>().Count(counted => counted.Event == what);

    /// <summary>Adds a participant to the document, in the state after its features are known.</summary>
    public Participant Join(string nick, Func<Participant, Participant>? change = null)
    {
        var participant = new Participant { Nick = nick, RealJid = $"{nick}@meet.example/web", Order = Document.ParticipantCount + 1, Features = ParticipantFeatures.Default };
        Document.Put(change?.Invoke(participant) ?? participant);
        return Document.Find(nick)!;
    }

    /// <summary>The bridge session of the conference, created on the bridge.</summary>
    public BridgeSessionState Assign()
    {
        var session = Bridges.TryAssign(new Participant { Nick = "any", RealJid = "any@meet.example/web", Order = 0 })!;
        return session.Created ? session : Bridges.SetCreated(session, created: true);
    }

    /// <summary>A session on the conference's bridge.</summary>
    public ParticipantSession Session(SessionPhase phase = SessionPhase.Active) => new() { Sid = "sid", BridgeSession = Assign().Id, Phase = phase };
}
