namespace JitsiMesh.Simulation.Tests.Nodes;

/// <summary>A process of the mesh. It dies whenever it touches the world: before or after a write, before or after a send.</summary>
public abstract class SimulatedNode(string id)
{
    private int _crashIn = -1;
    private bool _crashAfter;

    public string Id { get; } = id;

    public bool IsAlive { get; private set; } = true;

    /// <summary>Lets the process crash at one of its next operations.</summary>
    /// <param name="operations">How many succeed before.</param>
    /// <param name="after">The last operation takes effect, but the process does not learn of it.</param>
    public void ArmCrash(int operations, bool after)
    {
        _crashIn = operations;
        _crashAfter = after;
    }

    public void Die() => IsAlive = false;

    /// <summary>Runs one operation on the world, unless the process dies of it.</summary>
    public T Operate<T>(Func<T> operation)
    {
        if (!IsAlive) throw new CrashException();
        if (_crashIn < 0) return operation();
        if (_crashIn-- > 0) return operation();
        if (_crashAfter) operation();
        throw new CrashException();
    }

    public static T Run<T>(ValueTask<T> task) => task.IsCompleted ? task.GetAwaiter().GetResult() : throw new InvalidOperationException("Something waits that must not in the simulation.");

    public static void Run(ValueTask task)
    {
        if (!task.IsCompleted) throw new InvalidOperationException("Something waits that must not in the simulation.");
        task.GetAwaiter().GetResult();
    }
}

/// <summary>The process crashes here. Thrown as a cancellation, because every shell lets those pass.</summary>
public sealed class CrashException : OperationCanceledException;
