using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Ldap.Connections;
using JitsiMesh.Auth.Ldap.Logins;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Ldap;

/// <summary>Logins by a directory (AUTH_TYPE=ldap).</summary>
internal static class LdapModule
{
    /// <exception cref="SettingsException">One line for each setting that is missing, wrong or contradicted by another.</exception>
    public static void AddLdap(this IHostApplicationBuilder builder, MeshSettings settings)
    {
        var options = LdapOptions.Read(settings);
        builder.Services.AddSingleton(options);
        builder.Services.TryAddSingleton<ILoginTries, LoginTries>();
        builder.Services.AddSingleton<LdapHealth>();
        builder.Services.AddSingleton(provider => new LdapPool(options.Connection, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<LdapPool>>()));
        builder.Services.AddSingleton(provider => new LdapLogin(options.Login, provider.GetRequiredService<LdapPool>()));
        builder.Services.AddSingleton<IAdmissionAuthority>(provider => new LdapAuthority(
            settings.XmppDomain, provider.GetRequiredService<LdapLogin>(), provider.GetRequiredService<LdapHealth>(), provider.GetRequiredService<ILoginTries>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<LdapAuthority>>()));
        builder.Services.AddHostedService<LdapNotes>();
        builder.Services.AddHealthChecks().AddCheck<LdapHealth>("ldap");
    }
}

/// <summary>Says at the start what an operator should know about the settings.</summary>
internal sealed partial class LdapNotes(LdapOptions options, ILogger<LdapNotes> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var note in options.Notes) LogNote(note);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Note}")]
    private partial void LogNote(string note);
}
