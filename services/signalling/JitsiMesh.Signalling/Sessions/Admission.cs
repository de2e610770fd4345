using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>One step of a SASL exchange (RFC 6120 section 6): with what a session wants to be let in.</summary>
public sealed record AdmissionRequest
{
    public required string Host { get; init; }

    /// <summary>As the host offered it.</summary>
    public required string Mechanism { get; init; }

    /// <summary>The client's message, decoded.</summary>
    public ReadOnlyMemory<byte> Message { get; init; }

    /// <summary>Of the challenge that the message answers; empty in the first step.</summary>
    public ReadOnlyMemory<byte> State { get; init; }

    public string Token { get; init; } = "";

    public string Room { get; init; } = "";

    public string Tenant { get; init; } = "";

    public string AddressTag { get; init; } = "";

    /// <summary>W3C trace context of the login, or null.</summary>
    public string? TraceParent { get; init; }

    public override string ToString() => $"{Mechanism} on {Host}";
}

/// <summary>What came of a step.</summary>
public abstract record AdmissionResult
{
    private AdmissionResult()
    {
    }

    /// <param name="Message">For the client.</param>
    /// <param name="State">Goes back with the client's answer.</param>
    public sealed record Challenged(ReadOnlyMemory<byte> Message, ReadOnlyMemory<byte> State) : AdmissionResult
    {
        public override string ToString() => "challenged";
    }

    /// <param name="Username">The local part of the JID, or empty for one of our choice.</param>
    /// <param name="Context">What the authority vouches for.</param>
    public sealed record Admitted(string Username, SessionContext Context) : AdmissionResult
    {
        /// <summary>Additional data with success; empty for none.</summary>
        public ReadOnlyMemory<byte> Message { get; init; }

        public override string ToString() => "admitted";
    }

    /// <param name="Condition">A SASL condition (RFC 6120 section 6.5).</param>
    /// <param name="Text">For people; may be empty.</param>
    public sealed record Refused(string Condition, string Text = "") : AdmissionResult
    {
        public override string ToString() => $"refused: {Condition}";
    }
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

    public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ValueTask.FromResult<AdmissionResult>(request.Mechanism == "ANONYMOUS" ? new AdmissionResult.Admitted("", SessionContext.Empty) : new AdmissionResult.Refused("invalid-mechanism"));
    }
}
