namespace JitsiMesh.Signalling.Sessions;

/// <summary>Keeps a record of each session that may be resumed, so that it survives its node. None of the calls blocks or throws.</summary>
public interface ISessionRecords
{
    /// <summary>A session may be resumed from now on.</summary>
    void Begin(SessionHandle handle);

    /// <summary>A record is older than its session.</summary>
    /// <param name="handle">The session.</param>
    /// <param name="haste">How soon it is to be written.</param>
    void Due(SessionHandle handle, RecordHaste haste);

    /// <summary>A session has ended; its leaves are under way to its rooms.</summary>
    void End(SessionHandle handle);
}
