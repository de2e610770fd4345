using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;
using JitsiMesh.Auth.SystemTokens;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Hosting.Tracing;

namespace JitsiMesh.Auth.Admission;

/// <summary>Answers signalling's requests by asking the authorities in the order of their registration.</summary>
/// <param name="authorities">The authorities that admit clients.</param>
/// <param name="systemTokens">Verifies the tokens of an operator's programs; null if they are not configured.</param>
public sealed class AdmissionService(IEnumerable<IAdmissionAuthority> authorities, ISystemTokens? systemTokens = null) : Contracts.Auth.Admission.AdmissionBase
{
    private static readonly ActivitySource Source = new("JitsiMesh.Auth");
    private static readonly Meter Meter = new("JitsiMesh.Auth");
    private static readonly Counter<long> SystemTokenChecks = Meter.CreateCounter<long>("jitsimesh.auth.system_tokens", description: "Checked tokens of programs, by outcome");

    public override Task<DescribeHostResponse> DescribeHost(DescribeHostRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var response = new DescribeHostResponse();
        response.Mechanisms.AddRange(authorities.SelectMany(a => a.Mechanisms(request.Host)).Distinct(StringComparer.Ordinal));
        return Task.FromResult(response);
    }

    public override async Task<AdmitResponse> Admit(AdmitRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        using var span = MeshSpan.Begin(Source, "admit", ActivityKind.Server, MeshSpan.ContextOf(context));
        var response = await AskAsync(request, context.CancellationToken);
        var outcome = response.OutcomeCase switch
        {
            AdmitResponse.OutcomeOneofCase.Challenge => "challenged",
            AdmitResponse.OutcomeOneofCase.Admitted => "admitted",
            _ => response.Refused.Reason,
        };
        if (response.OutcomeCase == AdmitResponse.OutcomeOneofCase.Refused) span?.Fail(outcome);
        AdmissionCounter.Count(outcome);
        return response;
    }

    public override async Task<CheckTokenResponse> CheckToken(CheckTokenRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var response = systemTokens is null ? new CheckTokenResponse { Refused = new Refused { Condition = "not-authorized", Reason = "system_tokens_off" } } : await systemTokens.CheckAsync(request.Token, context.CancellationToken);
        SystemTokenChecks.Add(1, new KeyValuePair<string, object?>("outcome", response.Accepted ? "accepted" : response.Refused.Reason));
        return response;
    }

    private async ValueTask<AdmitResponse> AskAsync(AdmitRequest request, CancellationToken cancellation)
    {
        foreach (var authority in authorities)
        {
            if (authority.Mechanisms(request.Host).Contains(request.Mechanism, StringComparer.Ordinal)) return await authority.AdmitAsync(request, cancellation);
        }

        // RFC 6120 section 6.5.7: the initiating entity used a mechanism that the receiving entity does not support.
        return AdmissionAnswers.Refuse("invalid-mechanism", "", "mechanism_not_offered");
    }
}
