using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Scripts;

/// <summary>When a feature fails: on which call of which of its methods, in which room.</summary>
public sealed class FailurePlan
{
    /// <summary>The method; null for none.</summary>
    public string? Hook { get; set; }

    /// <summary>The first call that fails, from one.</summary>
    public int Call { get; set; } = 1;

    /// <summary>All calls from then on fail, not only that one.</summary>
    public bool Always { get; set; }

    /// <summary>Calls of the method since the plan was made.</summary>
    public int Calls { get; set; }

    public string Room { get; set; } = "";

    /// <summary>When the feature's timer is due.</summary>
    public MonotonicTime TickAt { get; set; } = MonotonicTime.Never;

    /// <summary>Ticks that began, by room.</summary>
    public Dictionary<string, int> Ticks { get; } = new(StringComparer.Ordinal);

    public void Arm(string? hook, int call = 1, bool always = false) => (Hook, Call, Always, Calls) = (hook, call, always, 0);
}

/// <summary>A feature that counts what it is told of, keeps the count with the room, and fails as planned.</summary>
public sealed class FailingModule(Room room, FailurePlan plan) : RoomModule(room)
{
    private int _count;

    public override string Name => "failing";

    public override string Component => "endconference.meet.jitsi";

    public override MonotonicTime Deadline
    {
        get
        {
            MayFail("Deadline");
            return plan.TickAt;
        }
    }

    public override StanzaError? Joining(SessionInfo session, string nick, XmppElement presence) => MayFail("Joining");

    public override void Presence(Occupant occupant, XmppElement presence, MeshInstant now, RoomOutputs outputs) => Counts("Presence", outputs);

    public override void SelfPresence(Occupant occupant, XmppElement presence) => MayFail("SelfPresence");

    public override void BeforeSelfPresence(Occupant occupant, MeshInstant now, RoomOutputs outputs) => Counts("BeforeSelfPresence", outputs);

    public override void Joined(Occupant occupant, MeshInstant now, RoomOutputs outputs) => Counts("Joined", outputs);

    public override void Left(Occupant occupant, MeshInstant now, RoomOutputs outputs) => Counts("Left", outputs);

    public override void RoleChanged(Occupant occupant, Occupant? actor, MeshInstant now, RoomOutputs outputs) => Counts("RoleChanged", outputs);

    public override StanzaError? Groupchat(Occupant sender, XmppElement message) => MayFail("Groupchat");

    public override StanzaError? Relaying(Occupant sender, Occupant receiver, XmppElement iq) => MayFail("Relaying");

    public override StanzaError? Command(Occupant sender, XmppElement message, MeshInstant now, RoomOutputs outputs)
    {
        Room.Destroy("half done", null, now, outputs);
        return MayFail("Command");
    }

    public override void Describe(DiscoInfo info, DataForm form) => MayFail("Describe");

    public override byte[]? Save()
    {
        MayFail("Save");
        return Encoding.UTF8.GetBytes($"{{\"count\":{_count}}}");
    }

    public override void Load(ReadOnlySpan<byte> state)
    {
        MayFail("Load");
        _count = System.Text.Json.Nodes.JsonNode.Parse(state)!["count"]!.GetValue<int>();
    }

    public override void Tick(MeshInstant now, RoomOutputs outputs)
    {
        plan.Ticks[Room.Jid] = plan.Ticks.GetValueOrDefault(Room.Jid) + 1;
        Counts("Tick", outputs);
    }

    private void Counts(string hook, RoomOutputs outputs)
    {
        _count++;
        Room.MarkModule(this, outputs);
        MayFail(hook);
    }

    private StanzaError? MayFail(string hook)
    {
        if (plan.Hook != hook || plan.Room != Room.Jid) return null;
        plan.Calls++;
        return plan.Calls == plan.Call || (plan.Always && plan.Calls > plan.Call) ? throw new InvalidOperationException($"Planned: {hook}") : null;
    }
}
