using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace JitsiMesh.Auth.Ldap.Connections;

/// <summary>Whether the directory could be asked the last time: degraded since a failure, until it can be asked again.</summary>
internal sealed class LdapHealth : IHealthCheck
{
    private volatile string? _problem;

    public void Worked() => _problem = null;

    public void Failed(LdapException failure) => _problem = $"{failure.Message} (look at {failure.Setting})";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_problem is { } problem ? HealthCheckResult.Degraded(problem) : HealthCheckResult.Healthy());
}
