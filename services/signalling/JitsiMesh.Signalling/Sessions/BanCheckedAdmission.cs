namespace JitsiMesh.Signalling.Sessions;

/// <summary>Refuses a person with a valid token that the access manager bans: at a login, when a session is taken up again, and for a conference request over HTTP.</summary>
public sealed class BanCheckedAdmission(IAdmission inner, BanCheck bans) : IAdmission
{
    /// <summary>Jitsi's text.</summary>
    public const string Banned = "user is banned";

    public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => inner.MechanismsAsync(host, cancellation);

    public async ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var result = await inner.AdmitAsync(request, cancellation);

        // Only of a token that auth has verified: nobody has another one sent about.
        if (request.Token.Length == 0 || result is not AdmissionResult.Admitted { Context.Claims: not null }) return result;
        return await bans.CheckAsync(request.Token, cancellation) switch
        {
            BanVerdict.Welcome => result,
            BanVerdict.Banned => new AdmissionResult.Refused("not-allowed", Banned),
            _ => new AdmissionResult.Refused("temporary-auth-failure"),
        };
    }
}
