using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Focus.Conferences;

namespace JitsiMesh.Focus.Links;

/// <summary>The effects of a conference's step on store, link and bridges. The implementation retries failed attempts.</summary>
public interface IConferenceWorld
{
    ConferenceContext Context { get; }

    ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change);

    ValueTask DeleteAsync(string key, long epoch);

    ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope);

    /// <summary>All outputs other than stanzas and the end: calls, facts, counts.</summary>
    void Tell(ConferenceOutput output);
}

public enum StepOutcome
{
    GoesOn,
    Ended,

    /// <summary>Another node owns the partition; nothing was sent.</summary>
    Lost,
}

/// <summary>
/// The order in which one input of a conference takes effect: the state machine decides, the change is written, then the outputs are executed one after another. <see
/// cref="ConferenceHost"/> runs it on a loop, the simulation on virtual time.
/// </summary>
public static class ConferenceStep
{
    public static async ValueTask<StepOutcome> RunAsync(Conference conference, ConferenceInput input, long epoch, IConferenceWorld world)
    {
        var key = ConferenceDocument.Key(conference.Room);
        var signalling = LinkQueue.Partition("signalling", Partitions.Of(conference.Room));
        var outputs = conference.Handle(input, world.Context);
        var change = conference.TakeChange();
        if ((change.Put.Count > 0 || change.Remove.Count > 0) && !await world.WriteAsync(key, epoch, change)) return StepOutcome.Lost;
        var outcome = StepOutcome.GoesOn;
        foreach (var output in outputs)
        {
            if (output is SendStanza send) await world.SendAsync(signalling, send.Envelope with { Epoch = epoch });
            else world.Tell(output);
            if (output is not ConferenceEnded) continue;
            await world.DeleteAsync(key, epoch);
            outcome = StepOutcome.Ended;
        }

        return outcome;
    }
}
