using JitsiMesh.Hosting.Settings;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Chooses the owners of the room. Owns <see cref="OwnerElectionState"/> and, of a participant, <see cref="Participant.OwnerGranted"/> and <see cref="Participant.Demoted"/>.</summary>
internal sealed class OwnerElection(ConferenceDocument document, ConferenceEffects effects, FocusOptions options)
{
    private OwnerElectionState State
    {
        get => document.Core.Owners;
        set => document.Core = document.Core with { Owners = value };
    }

    /// <summary>From the room's configuration form: a breakout room has no first owner.</summary>
    public void SetBreakout(bool isBreakout) => State = State with { IsBreakout = isBreakout };

    /// <summary>What a participant's login says about moderating: true, false, or null.</summary>
    public void NoteLogin(bool? moderator)
    {
        if (moderator is not null && !State.ModeratorsAreNamed) State = State with { ModeratorsAreNamed = true };
    }

    // 1. Owners are all participants whose login says that they moderate and, with the policy "host", those whose login does not say otherwise, unless another owner demoted
    // them. 2. With the policy "first", if no login names moderators: the eldest participant with a login, or the eldest of all if there are no logins.
    public void Elect()
    {
        if (options.Moderators is ModeratorPolicy.Nobody) return;
        var people = document.Participants.Where(one => one is { IsRecorder: false, IsGateway: false, IsTranscriber: false, IsVisitor: false } && !IsService(one)).ToList();
        var owned = people.Exists(IsOwner);
        foreach (var person in people.Where(one => !IsOwner(one) && (one.Moderator ?? (options.Moderators is ModeratorPolicy.Host && one.Identity is not null))))
        {
            if (person.Demoted && owned) continue;
            Grant(person);
            owned = true;
        }

        if (owned || options.Moderators is not ModeratorPolicy.First || !options.AutoOwner || State.IsBreakout || State.ModeratorsAreNamed) return;
        var eligible = people.FindAll(one => !IsGuest(one));
        if (eligible.Count > 0) Grant(eligible.Find(one => !one.Demoted) ?? eligible[0]);
    }

    /// <summary>Derives a participant's state from a presence with this affiliation: whether its grant still counts, and whether an owner demoted it.</summary>
    public static (bool Granted, bool Demoted) Follow(Participant? known, string affiliation)
    {
        var demoted = known?.Affiliation == "owner" && affiliation != "owner";
        return (known?.OwnerGranted == true && !demoted, demoted || (known?.Demoted == true && affiliation != "owner"));
    }

    private static bool IsOwner(Participant participant) => participant.Affiliation == "owner" || participant.OwnerGranted;

    // The accounts of recorders and gateways, whether their presence says so or not.
    private bool IsService(Participant participant) => Jid.TryParse(participant.RealJid, out var jid) && jid.Domain != options.XmppDomain && options.TrustedDomains.Contains(jid.Domain);

    private bool IsGuest(Participant participant) => participant.Identity is null && Jid.TryParse(participant.RealJid, out var jid) && jid.Domain == options.GuestDomain;

    private void Grant(Participant participant)
    {
        if (!Jid.TryParse(participant.RealJid, out var real)) return;
        document.Put(participant with { OwnerGranted = true, Demoted = false });
        effects.SendIq(document.Core.Room, FocusStanzas.GrantOwner(real.Bare.ToString()));
    }
}
