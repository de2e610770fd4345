using JitsiMesh.Simulation.Tests.Clients;

namespace JitsiMesh.Simulation.Tests.Runs;

/// <summary>One run: participants act while nodes crash, then two quiet seconds, then all invariants are checked.</summary>
public static class SimulationRun
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>Null when all invariants held; otherwise the violation, with the seed and the last events.</summary>
    public static string? Run(ulong seed, SimulationOptions? options = null)
    {
        options ??= new SimulationOptions();
        using var mesh = new SimulatedMesh(seed);
        try
        {
            var end = TimeSpan.FromSeconds(options.Seconds);
            mesh.AckDeaths = options.Crashes ? 0.002 : 0;
            foreach (var client in mesh.Clients.Take(2 + mesh.Scheduler.Number(2))) mesh.Scheduler.After(mesh.Scheduler.Milliseconds(250, 900), client.Join);
            PlanAction(mesh, end);
            if (options.Crashes) PlanCrash(mesh, end);
            mesh.Scheduler.RunUntil(end);
            mesh.StopFaults();
            // A node that died last is back, and noticed, within this.
            mesh.Scheduler.RunUntil(end + Quiet);
            Invariants.Check(mesh);
            return null;
        }
        catch (Exception exception)
        {
            var what = exception is InvariantException ? exception.Message : exception.ToString();
            return $"JITSIMESH_SEED={seed}: {what}\n  {string.Join("\n  ", mesh.Scheduler.Trace)}";
        }
    }

    private static void PlanAction(SimulatedMesh mesh, TimeSpan end)
    {
        mesh.Scheduler.After(mesh.Scheduler.Milliseconds(5, 120), () =>
        {
            if (mesh.Scheduler.Time.Elapsed > end) return;
            Act(mesh);
            PlanAction(mesh, end);
        });
    }

    private static void Act(SimulatedMesh mesh)
    {
        var client = mesh.Scheduler.Pick(mesh.Clients);
        if (client.Session is not { IsIn: true } session)
        {
            if (!client.Wants && mesh.Scheduler.Time.Elapsed > TimeSpan.FromMilliseconds(250)) client.Join();
            return;
        }

        switch (mesh.Scheduler.Number(20))
        {
            case < 6:
                session.Say();
                break;
            case < 9:
                session.Mute(!session.AudioMuted);
                break;
            case < 11:
                if (Other(mesh, session) is { } muted) session.MuteOther(muted);
                break;
            case < 14:
                session.StartSharing();
                break;
            case < 16:
                session.StopSharing();
                break;
            case 16:
                if (session.IsOwner && Other(mesh, session) is { } kicked) session.Kick(kicked);
                break;
            case 17:
                session.Configure($"description {mesh.Scheduler.Number(1000)}");
                break;
            case 18:
                client.Leave();
                break;
        }
    }

    private static string? Other(SimulatedMesh mesh, ClientSession session)
    {
        string[] others = [.. session.Roster.Keys.Where(nick => nick != session.Nick)];
        return others.Length == 0 ? null : mesh.Scheduler.Pick(others);
    }

    private static void PlanCrash(SimulatedMesh mesh, TimeSpan end)
    {
        mesh.Scheduler.After(mesh.Scheduler.Milliseconds(150, 1500), () =>
        {
            if (mesh.Scheduler.Time.Elapsed > end) return;
            Nodes.SimulatedNode? node = mesh.Scheduler.Chance(0.5)
                ? mesh.LiveSignalling.Count > 1 ? mesh.Scheduler.Pick(mesh.LiveSignalling) : null
                : mesh.LiveFocus.Count > 0 ? mesh.Scheduler.Pick(mesh.LiveFocus) : null;
            var kind = mesh.Scheduler.Number(5);
            if (node is not null && kind == 0) mesh.Crash(node);
            else if (node is not null && kind == 1) mesh.Isolate(node);
            else node?.ArmCrash(mesh.Scheduler.Number(6), mesh.Scheduler.Chance(0.5));
            PlanCrash(mesh, end);
        });
    }
}

/// <param name="Seconds">How long participants act.</param>
public sealed record SimulationOptions(double Seconds = 6, bool Crashes = true);
