namespace JitsiMesh.Contracts.Bus;

/// <summary>An account was removed: end the sessions that it opened. May be delivered more than once.</summary>
public sealed record AccountRevoked
{
    /// <summary>name@domain, prepared (RFC 7622).</summary>
    public required string BareJid { get; init; }
}
