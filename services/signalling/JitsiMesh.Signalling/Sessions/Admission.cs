namespace JitsiMesh.Signalling.Sessions;

/// <summary>With what a session wants to be let in.</summary>
public sealed record AdmissionRequest
{
    public required string Host { get; init; }

    /// <summary>ANONYMOUS or PLAIN.</summary>
    public required string Mechanism { get; init; }

    public string Username { get; init; } = "";

    public string Password { get; init; } = "";

    public string Token { get; init; } = "";

    public string Room { get; init; } = "";

    public string Tenant { get; init; } = "";

    /// <summary>W3C trace context of the login, or null.</summary>
    public string? TraceParent { get; init; }

    public override string ToString() => $"{Mechanism} on {Host}";
}

/// <summary>What came of it.</summary>
public sealed record AdmissionResult
{
    public required bool Admitted { get; init; }

    /// <summary>The local part of the JID, or empty for one of our choice.</summary>
    public string Username { get; init; } = "";

    /// <summary>A SASL condition (RFC 6120 section 6.5).</summary>
    public string Condition { get; init; } = "not-authorized";

    public string Text { get; init; } = "";

    public string? Identity { get; init; }

    public string? UserContext { get; init; }

    public string? Features { get; init; }

    public override string ToString() => Admitted ? "admitted" : $"refused: {Condition}";
}

/// <summary>Who may log in. The auth service in a mesh; <see cref="AnonymousAdmission"/> alone.</summary>
public interface IAdmission
{
    /// <summary>The SASL mechanisms of a host; none for a host that takes no sessions, null while nobody can tell.</summary>
    ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation);

    ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation);
}

/// <summary>Everybody is a guest: ANONYMOUS on the main and the guest domain, nothing elsewhere.</summary>
public sealed class AnonymousAdmission(Routing.SignallingDomains domains) : IAdmission
{
    public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) =>
        ValueTask.FromResult<IReadOnlyList<string>?>(host == domains.Domain || host == domains.GuestDomain ? ["ANONYMOUS"] : []);

    public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation) =>
        ValueTask.FromResult(new AdmissionResult { Admitted = request.Mechanism == "ANONYMOUS", Condition = "invalid-mechanism" });
}
