using System.Globalization;
using JitsiMesh.Simulation.Tests.Nodes;
using JitsiMesh.Simulation.Tests.Runs;

namespace JitsiMesh.Simulation.Tests.Clients;

/// <summary>
/// A participant's client: requests the conference, joins, answers focus, follows the presence and sources of others, and returns when its node crashes. Each session is a new
/// one; its stanzas are checked on arrival.
/// </summary>
public sealed class SimulatedClient(int number, SimulatedMesh mesh)
{
    private int _sessions;
    private uint _nextSsrc = (uint)(number + 1) * 1_000_000;

    public int Number { get; } = number;

    /// <summary>The client should be in the room.</summary>
    public bool Wants { get; private set; }

    public ClientSession? Session { get; private set; }

    public bool IsIn => Session is { IsIn: true };

    public string Room => mesh.Rooms[Number % mesh.Rooms.Count];

    public void Join()
    {
        Wants = true;
        if (Session is null) Connect();
        else if (!Session.IsIn) Session.Ask();
    }

    public void Leave()
    {
        Wants = false;
        Session?.LeaveRoom();
    }

    /// <summary>The socket broke with its node.</summary>
    public void NodeDied(SimulatedSignalling node)
    {
        if (Session?.Node != node) return;
        Session.IsLive = false;
        mesh.Scheduler.Note(() => $"{Session.Nick} lost its node");
        Session = null;
        if (Wants) mesh.Scheduler.After(mesh.Scheduler.Milliseconds(30, 400), Connect);
    }

    internal void Kicked() => Wants = false;

    internal uint NewSsrc() => ++_nextSsrc;

    private void Connect()
    {
        if (Session is not null || !Wants) return;
        if (mesh.LiveSignalling.Count == 0)
        {
            mesh.Scheduler.After(mesh.Scheduler.Milliseconds(30, 200), Connect);
            return;
        }

        var node = mesh.Scheduler.Pick(mesh.LiveSignalling);
        var name = string.Create(CultureInfo.InvariantCulture, $"c{Number:00}s{++_sessions:00}");
        Session = new ClientSession(this, name, node, mesh);
        Session.Ask();
    }
}
