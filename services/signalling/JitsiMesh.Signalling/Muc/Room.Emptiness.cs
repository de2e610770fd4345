using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Rooms that nobody is in, and what services ask of a room without being in it.</summary>
public sealed partial class Room
{
    /// <summary>A feature keeps the room alive though nobody is in it.</summary>
    public bool IsKept
    {
        get
        {
            foreach (var module in _modules)
            {
                if (module.Keeps) return true;
            }

            return false;
        }
    }

    /// <summary>Nobody is in it, nobody waits for focus, and no feature keeps it alive.</summary>
    internal bool IsLeftOver => !Ended && !IsLobby && _occupants.Count == 0 && _held.Length == 0 && !IsKept;

    /// <summary>Ends a room that nobody is in.</summary>
    internal void Dissolve(MeshInstant now, RoomOutputs outputs) => End(now, outputs);

    /// <summary>The last one has left.</summary>
    private void Emptied(MeshInstant now, RoomOutputs outputs)
    {
        if (IsLobby)
        {
            if (Main is { IsLeftOver: true } main) main.End(now, outputs);
            return;
        }

        if (!IsKept)
        {
            End(now, outputs);
            return;
        }

        // Focus comes anew with the next request, and participants that join before focus wait for it.
        Configuration = Configuration with { FocusSeen = false };
        MarkConfiguration(outputs);
    }

    private void TellOver(MeshInstant now, RoomOutputs outputs)
    {
        foreach (var module in _modules)
        {
            try
            {
                module.Over(now, outputs);
            }
            catch (Exception exception) when (outputs.Forgives)
            {
                outputs.Failures.Add(new RoomFailure(exception, Jid, null, "over"));
            }
        }
    }

    /// <summary>Whether a feature has answered what a service asks of the room.</summary>
    private bool Serve(RoomInput input, XmppElement request, MeshInstant now, RoomOutputs outputs)
    {
        foreach (var module in _modules)
        {
            if (module.Serve(input.From, request, now, outputs) is not { } answer) continue;
            if (answer.Error is { } error) SendError(input, error, outputs);
            else SendResult(input, answer.Result, outputs);
            return true;
        }

        return false;
    }

    /// <summary>Somebody who may be here is about to come in, or to be told to wait.</summary>
    private void Arrive(SessionInfo session, MeshInstant now, RoomOutputs outputs)
    {
        if (IsInternal || IsLobby || IsAdmin(session) || IsHidden(session) || AffiliationOf(session) == Affiliations.Outcast || Admits(session) is not null) return;
        foreach (var module in _modules) module.Arriving(session, now, outputs);
    }

    private bool PassesLobby(SessionInfo session)
    {
        foreach (var module in _modules)
        {
            if (module.PassesLobby(session)) return true;
        }

        return false;
    }
}
