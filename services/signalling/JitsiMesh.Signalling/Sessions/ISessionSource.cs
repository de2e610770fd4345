namespace JitsiMesh.Signalling.Sessions;

/// <summary>Sessions of other nodes that this node may continue.</summary>
public interface ISessionSource
{
    /// <summary>Brings a session here whose node has handed it over. Null where no node has, or where this node cannot have it.</summary>
    /// <param name="resumeId">As the client says it.</param>
    /// <param name="cancellation">Of the client that asks.</param>
    ValueTask<SessionHandle?> FindAsync(string resumeId, CancellationToken cancellation);
}
