using System.Collections.Immutable;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Jingle;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Telling participants of each other's sources: for those whose bridge does not do it by rewriting SSRCs.</summary>
public sealed partial class Conference
{
    /// <summary>All but the participant's own, of the kinds that it supports, each simulcast group as one.</summary>
    private ImmutableArray<SignalledSources> DesiredSources(Participant receiver)
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

    /// <summary>Tells a participant what changed since it was told last: removals first, then additions. A pending session is told when it is accepted.</summary>
    private void FlushSources(Participant receiver)
    {
        if (receiver.Session is not { Phase: SessionPhase.Active, Rewriting: false } session) return;
        var desired = DesiredSources(receiver);
        if (desired.SequenceEqual(session.Signalled)) return;
        var before = ToMap(session.Signalled.Where(one => !one.OwnerLeft));
        var after = ToMap(desired);
        var removed = before.Minus(after);
        foreach (var left in session.Signalled.Where(one => one.OwnerLeft)) removed[left.Owner] = left.Sources;
        SendSources(JingleAction.SourceRemove, receiver, session, removed);
        var added = after.Minus(before);
        SendSources(JingleAction.SourceAdd, receiver, session, added);
        Put(receiver with { Session = session with { Signalled = desired, ToldAt = added.IsEmpty ? session.ToldAt : Now } });
    }

    private void SendSources(JingleAction action, Participant receiver, ParticipantSession session, SourceMap sources)
    {
        if (sources.IsEmpty) return;
        SendIq(OccupantJid(receiver.Nick), JingleFormat.Format(SourceUpdates.Create(action, session.Sid, _options.FullAddress, sources, session.JsonSources)));
    }

    private void PropagateSources(string from)
    {
        foreach (var receiver in _document.Participants.ToList())
        {
            if (receiver.Nick != from) FlushSources(receiver);
        }
    }

    /// <summary>Removes the sources of someone who stays in the room, and tells the others.</summary>
    private void WithdrawSources(string nick)
    {
        var removed = _sources.RemoveAll(nick);
        if (removed.IsEmpty) return;
        Put(KeepFormer(_document.Find(nick)! with { Sources = SourceSet.Empty }, removed));
        PropagateSources(nick);
    }

    // What a participant sent until now it may send again; until then nobody else may.
    private Participant KeepFormer(Participant participant, SourceSet removed)
    {
        var kept = new SourceSet([.. participant.FormerSources.Plus(removed).Sources.TakeLast(_options.SourceLimits.SourcesPerEndpoint)], []);
        _sources.Keep(participant.Nick, kept);
        return participant with { FormerSources = kept };
    }

    private void KeepBridgeSources() => _sources.SetBridgeSources(Core.BridgeSessions.Select(session => session.FeedbackSources));

    // Clients clean up after who left by themselves, unless they expect a bridge to rewrite SSRCs: those must be told. So must who may hear
    // of the sources only after the leave: what was said lately is perhaps still on its way.
    private void ForgetOwner(string nick, SourceSet removed)
    {
        if (removed.IsEmpty) return;
        foreach (var receiver in _document.Participants.ToList())
        {
            if (receiver.Session is not { IsLive: true, Rewriting: false } session) continue;
            if (session.Phase == SessionPhase.Pending)
            {
                // Told when it is accepted. The owner may be back by then with the same sources, which the client may have cleaned up.
                Put(receiver with { Session = session with { Signalled = [.. session.Signalled.Select(one => one.Owner == nick ? one with { OwnerLeft = true } : one)] } });
                continue;
            }

            if (Now - session.ToldAt < FocusLimits.SourcesUnderWay || (receiver.Features is { } features && features.HasFlag(ParticipantFeatures.SsrcRewriting))) FlushSources(receiver);
            else Put(receiver with { Session = session with { Signalled = session.Signalled.RemoveAll(one => one.Owner == nick) } });
        }
    }

    private void StoreSources(Participant participant)
    {
        var set = _sources[participant.Nick];
        Put(participant with { Sources = set });
    }

    private EndpointChange SourcesChange(string nick) => new() { Id = nick, Sources = BridgeRequests.Sources(nick, _sources[nick]) };

    private static SourceMap ToMap(IEnumerable<SignalledSources> sources)
    {
        var map = new SourceMap();
        foreach (var one in sources) map[one.Owner] = one.Sources;
        return map;
    }
}
