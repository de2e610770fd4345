using System.Collections.Immutable;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Jingle;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// The sources that participants send, and their signalling to participants whose bridge does not rewrite SSRCs. Owns <see cref="Participant.Sources"/>, <see
/// cref="Participant.FormerSources"/> and, of a session, <see cref="ParticipantSession.Signalled"/>.
/// </summary>
internal sealed class SourceSignalling
{
    private readonly ConferenceDocument _document;
    private readonly ConferenceEffects _effects;
    private readonly FocusOptions _options;
    private readonly ConferenceSources _sources;

    public SourceSignalling(ConferenceDocument document, ConferenceEffects effects, FocusOptions options)
    {
        _document = document;
        _effects = effects;
        _options = options;
        _sources = new ConferenceSources(options.SourceLimits, nick => document.Find(nick) is not null);
        foreach (var participant in document.Participants)
        {
            _sources.Restore(participant.Nick, participant.Sources);
            _sources.Keep(participant.Nick, participant.FormerSources);
        }

        KeepBridgeSources();
    }

    /// <summary>The SSRCs of the conference's bridges changed: participants must not use them.</summary>
    public void KeepBridgeSources() => _sources.SetBridgeSources(_document.Core.Assignment.Sessions.Select(session => session.FeedbackSources));

    /// <summary>All sources except the participant's own, of the kinds that it supports, each simulcast group as one source.</summary>
    public ImmutableArray<SignalledSources> Desired(Participant receiver)
    {
        var features = receiver.Features ?? ParticipantFeatures.Default;
        var result = ImmutableArray.CreateBuilder<SignalledSources>();
        foreach (var (owner, all) in _sources.Map.Entries)
        {
            // Defence in depth: no participant has such a nick.
            if (owner == receiver.Nick || FocusOptions.IsReservedNick(owner)) continue;
            var set = all;
            if (!features.HasFlag(ParticipantFeatures.Audio)) set = set.Of(MediaKind.Video);
            if (!features.HasFlag(ParticipantFeatures.Video)) set = set.Of(MediaKind.Audio);
            if (_options.StripSimulcast) set = set.WithoutSimulcast();
            if (!set.IsEmpty) result.Add(new SignalledSources(owner, set));
        }

        return result.ToImmutable();
    }

    /// <summary>Tells a participant what changed since the last message to it: removals first, then additions. A pending session is told after its accept.</summary>
    public void Flush(Participant receiver)
    {
        if (receiver.Session is not { Phase: SessionPhase.Active, Rewriting: false } session) return;
        var desired = Desired(receiver);
        if (desired.SequenceEqual(session.Signalled)) return;
        var before = ToMap(session.Signalled.Where(one => !one.OwnerLeft));
        var after = ToMap(desired);
        var removed = before.Minus(after);
        foreach (var left in session.Signalled.Where(one => one.OwnerLeft)) removed[left.Owner] = left.Sources;
        Send(JingleAction.SourceRemove, receiver, session, removed);
        var added = after.Minus(before);
        Send(JingleAction.SourceAdd, receiver, session, added);
        _document.Put(receiver with { Session = session with { Signalled = desired, ToldAt = added.IsEmpty ? session.ToldAt : _effects.Now } });
    }

    /// <summary>Tells all other participants what changed in a participant's sources.</summary>
    public void Propagate(string from)
    {
        foreach (var receiver in _document.Participants.ToList())
        {
            if (receiver.Nick != from) Flush(receiver);
        }
    }

    /// <summary>Adds the sources of an accept, or refuses all of them. They replace the sources kept from the participant's last session.</summary>
    /// <param name="isComplete">False for an accept that ends the session for another reason: its sources are added so that the end of the session removes them.</param>
    public SourceRejection TryAccept(Participant participant, SourceSet sources, bool isComplete)
    {
        var rejection = _sources.TryAdd(participant.Nick, sources, out _);
        if (rejection != SourceRejection.None || !isComplete) return rejection;
        _sources.Keep(participant.Nick, SourceSet.Empty);
        Store(participant with { FormerSources = SourceSet.Empty });
        return SourceRejection.None;
    }

    /// <summary>Adds and stores sources, or refuses all of them.</summary>
    public SourceRejection TryAdd(Participant participant, SourceSet sources)
    {
        var rejection = _sources.TryAdd(participant.Nick, sources, out _);
        if (rejection == SourceRejection.None) Store(participant);
        return rejection;
    }

    /// <summary>Removes sources and keeps them reserved for the participant, or refuses the whole removal.</summary>
    public SourceRejection TryRemove(Participant participant, SourceSet sources)
    {
        var rejection = _sources.TryRemove(participant.Nick, sources, out var removed);
        if (rejection == SourceRejection.None) Store(KeepFormer(participant, removed));
        return rejection;
    }

    /// <summary>Removes the sources of a participant that stays in the room, and tells the others.</summary>
    public void Withdraw(string nick)
    {
        var removed = _sources.RemoveAll(nick);
        if (removed.IsEmpty) return;
        _document.Put(KeepFormer(_document.Find(nick)! with { Sources = SourceSet.Empty }, removed));
        Propagate(nick);
    }

    /// <summary>Removes all sources of a participant that leaves. The caller calls <see cref="OnOwnerLeft"/> after the participant is removed from the document.</summary>
    public SourceSet Forget(string nick)
    {
        var removed = _sources.RemoveAll(nick);
        _sources.Keep(nick, SourceSet.Empty);
        return removed;
    }

    // Clients remove the sources of a participant that left by themselves, unless they expect a bridge to rewrite SSRCs: those must be told. So must clients that may receive
    // the sources only after the leave, because a recent message may still be under way.
    public void OnOwnerLeft(string nick, SourceSet removed)
    {
        if (removed.IsEmpty) return;
        foreach (var receiver in _document.Participants.ToList())
        {
            if (receiver.Session is not { IsLive: true, Rewriting: false } session) continue;
            if (session.Phase == SessionPhase.Pending)
            {
                // The client is told after its accept. By then the owner may be back with the same sources, which the client may have removed.
                _document.Put(receiver with { Session = session with { Signalled = [.. session.Signalled.Select(one => one.Owner == nick ? one with { OwnerLeft = true } : one)] } });
                continue;
            }

            if (_effects.Now - session.ToldAt < FocusLimits.SourcesUnderWay || (receiver.Features is { } features && features.HasFlag(ParticipantFeatures.SsrcRewriting))) Flush(receiver);
            else _document.Put(receiver with { Session = session with { Signalled = session.Signalled.RemoveAll(one => one.Owner == nick) } });
        }
    }

    /// <summary>All sources of a participant in the form for a bridge.</summary>
    public EndpointChange Change(string nick) => new() { Id = nick, Sources = BridgeRequests.Sources(nick, _sources[nick]) };

    private void Send(JingleAction action, Participant receiver, ParticipantSession session, SourceMap sources)
    {
        if (sources.IsEmpty) return;
        _effects.SendIq(_effects.OccupantJid(receiver.Nick), JingleFormat.Format(SourceUpdates.Create(action, session.Sid, _options.FullAddress, sources, session.JsonSources)));
    }

    // A participant may send its earlier sources again; until it leaves they are reserved for it.
    private Participant KeepFormer(Participant participant, SourceSet removed)
    {
        var kept = new SourceSet([.. participant.FormerSources.Plus(removed).Sources.TakeLast(_options.SourceLimits.SourcesPerEndpoint)], []);
        _sources.Keep(participant.Nick, kept);
        return participant with { FormerSources = kept };
    }

    private void Store(Participant participant) => _document.Put(participant with { Sources = _sources[participant.Nick] });

    private static SourceMap ToMap(IEnumerable<SignalledSources> sources)
    {
        var map = new SourceMap();
        foreach (var one in sources) map[one.Owner] = one.Sources;
        return map;
    }
}
