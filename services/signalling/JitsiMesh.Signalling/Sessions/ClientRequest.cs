namespace JitsiMesh.Signalling.Sessions;

/// <summary>What the HTTP request of a socket said (mod_jitsi_session). Nothing of it is verified yet.</summary>
public sealed record ClientRequest
{
    public string? Room { get; init; }

    public string? Tenant { get; init; }

    public string? Token { get; init; }

    public string? PreviousId { get; init; }

    public string? Region { get; init; }

    /// <summary>As in <see cref="Contracts.Links.SessionContext.AddressTag"/>.</summary>
    public string? AddressTag { get; init; }

    public override string ToString() => "connection";
}
