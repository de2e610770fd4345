using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// One feature of a room. An instance belongs to one room and its mailbox; it keeps its state in plain fields and hands it over by
/// <see cref="Save"/>. A module overrides only what concerns it.
/// </summary>
public abstract class RoomModule(Room room)
{
    protected Room Room { get; } = room;

    /// <summary>The name under which the state is stored.</summary>
    public abstract string Name { get; }

    /// <summary>The component address whose messages come here, or null.</summary>
    public virtual string? Component => null;

    /// <summary>
    /// Whether what the session was let in with is good for this room: asked before anything else of a join, and when an occupant's session comes back with another login, which then does
    /// not count here. An error keeps it out.
    /// </summary>
    public virtual StanzaError? Admits(SessionInfo session) => null;

    /// <summary>The affiliation that a session's login gives it here (<see cref="Affiliations"/>), or null. An owner passes lobby and membership.</summary>
    public virtual string? Entitles(SessionInfo session) => null;

    /// <summary>The affiliation that a session gets here once everything else has let it in, or null. It opens neither lobby nor password.</summary>
    public virtual string? Grants(SessionInfo session) => null;

    /// <summary>An occupant wants in; an error keeps it out.</summary>
    public virtual StanzaError? Joining(SessionInfo session, string nick, XmppElement presence) => null;

    /// <summary>Holds a join back before it is answered: it comes again when it is put into <see cref="RoomOutputs.Released"/>, or gets an error of the module's.</summary>
    public virtual bool Holds(RoomInput join, MeshInstant now, RoomOutputs outputs) => false;

    /// <summary>A session whose join may be held does not want to come in any more.</summary>
    public virtual void GivesUp(SessionInfo session, RoomOutputs outputs)
    {
    }

    /// <summary>Another room says something (<see cref="RoomSaying"/>), perhaps from another partition. Once each, and in order of that room.</summary>
    /// <param name="from">The stored bare JID of that room.</param>
    /// <param name="said">What it says; or what was said to it, where <see cref="RoomSaying.IsReturned"/>.</param>
    /// <param name="now">The time.</param>
    /// <param name="outputs">Where it goes.</param>
    public virtual void Told(string from, XmppElement said, MeshInstant now, RoomOutputs outputs)
    {
    }

    /// <summary>Keeps the room alive though nobody is in it. Asked when the last one has left, and whenever something happened to the empty room.</summary>
    public virtual bool Keeps => false;

    /// <summary>Somebody who may be here (<see cref="Admits"/>) is about to come in, or to be told to wait. The room may change because of it.</summary>
    public virtual void Arriving(SessionInfo session, MeshInstant now, RoomOutputs outputs)
    {
    }

    /// <summary>The session comes in though the room is for members alone.</summary>
    public virtual bool PassesLobby(SessionInfo session) => false;

    /// <summary>A request of a service to the room itself, which need not be in it; null for one that is none of this module's.</summary>
    public virtual RoomAnswer? Serve(SessionInfo from, XmppElement request, MeshInstant now, RoomOutputs outputs) => null;

    /// <summary>The room has ended.</summary>
    public virtual void Over(MeshInstant now, RoomOutputs outputs)
    {
    }

    /// <summary>Changes a presence before it is kept and sent, at joining and later.</summary>
    public virtual void Presence(Occupant occupant, XmppElement presence, MeshInstant now, RoomOutputs outputs)
    {
    }

    /// <summary>Adds to the presence that an occupant gets of itself.</summary>
    public virtual void SelfPresence(Occupant occupant, XmppElement presence)
    {
    }

    /// <summary>The joiner has the others' presence and not yet its own.</summary>
    public virtual void BeforeSelfPresence(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
    }

    /// <summary>The joiner has everything, the subject too.</summary>
    public virtual void Joined(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
    }

    /// <summary>The joiner is in for the first time; <see cref="Joined"/> is called again when a client that is in joins once more.</summary>
    public virtual void Entered(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
    }

    /// <summary>It is gone, or goes with the whole room; <see cref="Occupant.LeftBecause"/> says why.</summary>
    public virtual void Left(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
    }

    /// <summary>The role of an occupant changed because of its affiliation.</summary>
    public virtual void RoleChanged(Occupant occupant, Occupant? actor, MeshInstant now, RoomOutputs outputs)
    {
    }

    /// <summary>The room's configuration is another one than before.</summary>
    public virtual void Configured(RoomOutputs outputs)
    {
    }

    /// <summary>A message to the room before it goes to all; an error stops it.</summary>
    public virtual StanzaError? Groupchat(Occupant sender, XmppElement message) => null;

    /// <summary>An IQ between occupants before it is passed on: may be changed (it is a copy), or refused.</summary>
    public virtual StanzaError? Relaying(Occupant sender, Occupant receiver, XmppElement iq) => null;

    /// <summary>A message to <see cref="Component"/> from one who is in this room.</summary>
    public virtual StanzaError? Command(Occupant sender, XmppElement message, MeshInstant now, RoomOutputs outputs) => null;

    /// <summary>Adds features and form fields to the room's disco#info.</summary>
    public virtual void Describe(DiscoInfo info, DataForm form)
    {
    }

    /// <summary>Adds fields to the owner form, which focus reads when it comes in (XEP-0045 section 10.2).</summary>
    public virtual void DescribeToOwner(DataForm form)
    {
    }

    /// <summary>The state as JSON, or null for none.</summary>
    public virtual byte[]? Save() => null;

    public virtual void Load(ReadOnlySpan<byte> state)
    {
    }

    /// <summary>When <see cref="Tick"/> is wanted.</summary>
    public virtual MonotonicTime Deadline => MonotonicTime.Never;

    public virtual void Tick(MeshInstant now, RoomOutputs outputs)
    {
    }
}
