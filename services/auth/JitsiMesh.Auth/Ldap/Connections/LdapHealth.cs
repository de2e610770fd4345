using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace JitsiMesh.Auth.Ldap.Connections;

/// <summary>Whether the last directory request succeeded: degraded after a failure, until a request succeeds again.</summary>
internal sealed class LdapHealth : IHealthCheck
{
    private volatile string? _problem;

    public void Worked() => _problem = null;

    public void Failed(LdapException failure) => _problem = $"{failure.Message} (look at {failure.Setting})";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_problem is { } problem ? HealthCheckResult.Degraded(problem) : HealthCheckResult.Healthy());
}
