using System.Text.Json;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Modules.WaitForHost;

/// <summary>
/// A participant that comes before the host waits in a lobby (mod_muc_wait_for_host with mod_persistent_lobby). A host is anybody with a login. Its coming closes the lobby, and those who wait follow
/// by themselves. It holds for as long as the room does.
/// </summary>
public sealed class WaitForHostModule(Room room) : RoomModule(room)
{
    /// <summary>What those who wait are told when the host is there; their clients join by themselves then.</summary>
    public const string HostArrived = "Host arrived.";

    private State _state = new(false, []);

    public override string Name => "wait_for_host";

    /// <summary>Focus has found that a guest has logged in over a second connection: it comes in as a host does.</summary>
    public void Vouch(string bareJid, RoomOutputs outputs)
    {
        if (_state.HostSeen || _state.Vouched.Contains(bareJid)) return;
        Keep(_state with { Vouched = [.. _state.Vouched.TakeLast(SignallingLimits.VouchedGuests - 1), bareJid] }, outputs);
    }

    public override void Arriving(SessionInfo session, MeshInstant now, RoomOutputs outputs)
    {
        if (!_state.HostSeen && !Room.Configuration.MembersOnly && !IsHost(session)) Room.OpenLobby(waitsForHost: true, outputs);
    }

    public override bool PassesLobby(SessionInfo session) => Room.Configuration.WaitsForHost && IsHost(session);

    public override void Joined(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        if (_state.HostSeen || Room.IsAdmin(occupant.Session) || Room.IsHidden(occupant.Session) || !IsHost(occupant.Session)) return;
        Keep(new State(true, []), outputs);
        // A lobby that a moderator wanted stays.
        if (Room.Configuration.WaitsForHost) Room.CloseLobby(HostArrived, now, outputs);
    }

    public override byte[]? Save() => JsonSerializer.SerializeToUtf8Bytes(_state, JsonText.Options);

    public override void Load(ReadOnlySpan<byte> state) => _state = JsonSerializer.Deserialize<State>(state) ?? _state;

    private bool IsHost(SessionInfo session) => (session.Context.Identity is not null && session.Jid.Domain == Room.Context.Domains.Domain) || _state.Vouched.Contains(session.BareJid);

    private void Keep(State state, RoomOutputs outputs)
    {
        _state = state;
        Room.MarkModule(this, outputs);
    }

    /// <param name="HostSeen">A host has been in the room.</param>
    /// <param name="Vouched">Bare JIDs of guests that have logged in.</param>
    private sealed record State(bool HostSeen, IReadOnlyList<string> Vouched);
}
