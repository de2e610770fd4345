namespace JitsiMesh.Contracts.Bus;

/// <summary>An account is gone: sessions that it opened end. May come more than once.</summary>
public sealed record AccountRevoked
{
    /// <summary>name@domain, prepared.</summary>
    public required string BareJid { get; init; }
}
