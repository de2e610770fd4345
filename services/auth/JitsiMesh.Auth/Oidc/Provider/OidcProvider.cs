using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace JitsiMesh.Auth.Oidc.Provider;

/// <summary>
/// The provider's metadata (OpenID Connect Discovery 1.0 section 4), requested when the first login needs it, so that a provider that is down does not prevent the start.
/// While the provider is unreachable, further logins are refused at once and the health check is degraded.
/// </summary>
internal sealed class OidcProvider : IHealthCheck, IDisposable
{
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private (long At, OidcRefusal Refusal)? _failure;

    public OidcProvider(OidcOptions options, TimeProvider time)
    {
        _time = time;
        Backchannel = OidcBackchannel.Create(options.Discovery);
        Manager = new ConfigurationManager<OpenIdConnectConfiguration>(
            options.Discovery.AbsoluteUri,
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever(Backchannel) { RequireHttps = options.Discovery.Scheme == Uri.UriSchemeHttps },
            new DescriptionCheck(options))
        {
            AutomaticRefreshInterval = OidcLimits.DescriptionLifetime,
            RefreshInterval = OidcLimits.KeyRefresh,
        };
    }

    /// <summary>Whether each login starts with a request to the provider: the handler uses pushed authorization requests (RFC 9126) where the provider supports them.</summary>
    public static bool TakesPushedRequests(OpenIdConnectConfiguration description) => !string.IsNullOrEmpty(description.PushedAuthorizationRequestEndpoint);

    public HttpClient Backchannel { get; }

    public ConfigurationManager<OpenIdConnectConfiguration> Manager { get; }

    /// <exception cref="OidcRefusedException">The provider is unreachable, or its metadata is unusable.</exception>
    public async Task<OpenIdConnectConfiguration> DescribeAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_failure is { } failure && _time.GetElapsedTime(failure.At) < OidcLimits.DownTime) throw new OidcRefusedException(failure.Refusal);
        }

        try
        {
            var description = await Manager.GetConfigurationAsync(cancellation);
            Note(null);
            return description;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            var refusal = OidcFailures.OfProvider(exception);
            Note(refusal);
            throw new OidcRefusedException(refusal);
        }
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return Task.FromResult(_failure is null
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded($"The OpenID provider is unreachable, or its metadata is unusable ({_failure.Value.Refusal.Reason}; look at MESH_OIDC_ISSUER)"));
        }
    }

    public void Dispose() => Backchannel.Dispose();

    private void Note(OidcRefusal? refusal)
    {
        lock (_gate) _failure = refusal is null ? null : (_time.GetTimestamp(), refusal);
    }

    /// <summary>Checks that the issuer is the requested one (section 4.3), and that the endpoints use https if the issuer does.</summary>
    private sealed class DescriptionCheck(OidcOptions options) : IConfigurationValidator<OpenIdConnectConfiguration>
    {
        public ConfigurationValidationResult Validate(OpenIdConnectConfiguration configuration)
        {
            if (configuration.Issuer is not { Length: > 0 } issuer || issuer.TrimEnd('/') != options.Issuer.OriginalString.TrimEnd('/')) return Bad("another issuer");
            if (!IsSafe(configuration.AuthorizationEndpoint) || !IsSafe(configuration.TokenEndpoint)) return Bad("no authorization or token endpoint");
            foreach (var optional in new[] { configuration.UserInfoEndpoint, configuration.EndSessionEndpoint, configuration.PushedAuthorizationRequestEndpoint })
            {
                if (!string.IsNullOrEmpty(optional) && !IsSafe(optional)) return Bad("an endpoint without https");
            }

            return configuration.SigningKeys.Count > 0 ? new ConfigurationValidationResult { Succeeded = true } : Bad("no keys");
        }

        private static ConfigurationValidationResult Bad(string problem) => new() { Succeeded = false, ErrorMessage = problem };

        private bool IsSafe(string? address) =>
            Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && options.Issuer.Scheme == Uri.UriSchemeHttp));
    }
}
