using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Oidc.Logins;
using JitsiMesh.Auth.Oidc.Provider;
using JitsiMesh.Auth.Tokens;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace JitsiMesh.Auth.Oidc;

/// <summary>Registers logins at an OpenID provider (AUTH_TYPE=oidc), with tokens that this server issues.</summary>
internal static class OidcModule
{
    /// <exception cref="SettingsException">One line for each setting that is missing, wrong or contradicted by another.</exception>
    public static void AddOidc(this IHostApplicationBuilder builder, MeshSettings settings)
    {
        var options = OidcOptions.Read(settings);
        _ = OwnTokens.OptionsOf(settings, () => []);
        var services = builder.Services;
        services.AddSingleton(options);
        services.AddSingleton<OidcKey>();
        services.AddHostedService(provider => provider.GetRequiredService<OidcKey>());
        services.AddSingleton<OidcProvider>();
        services.TryAddSingleton<OidcBudgetSizes>();
        services.AddSingleton<OidcBudget>();
        services.AddSingleton<OidcLogins>();
        services.AddSingleton(provider => OwnTokens.OptionsOf(settings, () => provider.GetRequiredService<OidcKey>().OfTokens));
        services.AddSingleton(provider => new TokenVerifier(provider.GetRequiredService<TokenOptions>(), null, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IAdmissionAuthority, TokenAuthority>();
        services.AddHealthChecks().AddCheck<OidcProvider>("oidc");
        AddHandlers(services, options);

        // The framework's request logs contain codes and tokens, and its failure logs contain the provider's texts.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Authentication", LogLevel.None);
    }

    public static void MapOidc(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<OidcLogins>() is not { } logins) return;
        routes.MapGet(OidcPaths.Login, logins.BeginAsync);
        routes.MapGet(OidcPaths.Logout, logins.EndAsync);
    }

    private static void AddHandlers(IServiceCollection services, OidcOptions options)
    {
        services.AddSingleton<IDataProtectionProvider, SharedProtection>();
        services.AddSingleton<OidcEvents>();
        services.AddAuthentication().AddCookie(OidcLogins.KeptScheme).AddOpenIdConnect(OidcLogins.Scheme, _ => { });

        // It would generate keys for this machine only, which other auth services do not have.
        foreach (var keys in services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Namespace?.StartsWith("Microsoft.AspNetCore.DataProtection", StringComparison.Ordinal) == true).ToList()) services.Remove(keys);
        var root = options.PublicUrl.AbsolutePath.TrimEnd('/');
        services.AddOptions<CookieAuthenticationOptions>(OidcLogins.KeptScheme).Configure(kept =>
        {
            kept.Cookie.Name = "jitsimesh-oidc";
            Guard(kept.Cookie, root + "/oidc/");
            kept.ExpireTimeSpan = options.TokenLifetime;
            kept.SlidingExpiration = false;
        });
        services.AddOptions<OpenIdConnectOptions>(OidcLogins.Scheme).Configure<OidcProvider>((handler, provider) => Configure(handler, provider, options, root));
    }

    private static void Configure(OpenIdConnectOptions handler, OidcProvider provider, OidcOptions options, string root)
    {
        handler.ClientId = options.ClientId;
        handler.ClientSecret = options.ClientSecret;
        handler.Authority = options.Issuer.AbsoluteUri;
        handler.RequireHttpsMetadata = options.Discovery.Scheme == Uri.UriSchemeHttps;
        handler.ConfigurationManager = provider.Manager;
        handler.Backchannel = provider.Backchannel;
        handler.ResponseType = OpenIdConnectResponseType.Code;
        handler.ResponseMode = OpenIdConnectResponseMode.Query;
        handler.UsePkce = true;
        handler.PushedAuthorizationBehavior = PushedAuthorizationBehavior.UseIfAvailable;
        handler.Scope.Clear();
        foreach (var scope in options.Scopes) handler.Scope.Add(scope);
        handler.CallbackPath = OidcPaths.Callback;
        handler.SignedOutCallbackPath = OidcPaths.LoggedOut;
        handler.RemoteSignOutPath = default;
        handler.SignInScheme = OidcLogins.KeptScheme;
        handler.EventsType = typeof(OidcEvents);
        handler.GetClaimsFromUserInfoEndpoint = true;
        handler.ClaimActions.Clear();
        handler.TokenHandler = new SignedTokens();
        handler.SaveTokens = false;
        handler.DisableTelemetry = true;
        handler.RemoteAuthenticationTimeout = OidcLimits.LoginTime;
        handler.TokenValidationParameters.ClockSkew = OidcLimits.ClockSkew;
        handler.TokenValidationParameters.ValidAlgorithms = [.. TokenAlgorithm.All.Where(a => !a.IsShared).Select(a => a.Name)];
        handler.TokenValidationParameters.NameClaimType = "sub";
        handler.ProtocolValidator.NonceLifetime = OidcLimits.LoginTime;
        Guard(handler.CorrelationCookie, root + OidcPaths.Callback);
        Guard(handler.NonceCookie, root + OidcPaths.Callback);
    }

    // Logins return by a link from the provider's site, which Lax permits.
    private static void Guard(CookieBuilder cookie, string path)
    {
        cookie.Path = path;
        cookie.HttpOnly = true;
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = CookieSecurePolicy.Always;
        cookie.IsEssential = true;
    }
}
