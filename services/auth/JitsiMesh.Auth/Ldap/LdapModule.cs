using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Ldap.Connections;
using JitsiMesh.Auth.Ldap.Logins;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Ldap;

/// <summary>Registers logins with a directory (AUTH_TYPE=ldap).</summary>
internal static class LdapModule
{
    /// <exception cref="SettingsException">One line for each setting that is missing, wrong or contradicted by another.</exception>
    public static void AddLdap(this IHostApplicationBuilder builder, MeshSettings settings)
    {
        var options = LdapOptions.Read(settings);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<LdapHealth>();
        builder.Services.AddSingleton(provider => new LdapPool(options.Connection, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<LdapPool>>()));
        builder.Services.AddSingleton(provider => new LdapLogin(options.Login, provider.GetRequiredService<LdapPool>(), new RefusalPace(provider.GetRequiredService<TimeProvider>())));
        builder.Services.AddSingleton<IAdmissionAuthority>(provider => new LdapAuthority(
            settings.XmppDomain, provider.GetRequiredService<LdapLogin>(), provider.GetRequiredService<LdapHealth>(), provider.GetRequiredService<ILoginTries>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<LdapAuthority>>()));
        builder.Services.AddHostedService(provider => new LdapNotes(options.Notes, provider.GetRequiredService<ILogger<LdapNotes>>()));
        builder.Services.AddHealthChecks().AddCheck<LdapHealth>("ldap");
    }

    /// <summary>Logs that a configured directory is not used, where logins are off or of another type.</summary>
    public static void NoteUnusedLdap(this IHostApplicationBuilder builder, MeshSettings settings)
    {
        if (UnusedNote(settings) is not { } note) return;
        builder.Services.AddHostedService(provider => new LdapNotes([note], provider.GetRequiredService<ILogger<LdapNotes>>()));
    }

    /// <returns>Null where the directory is used, or none is configured.</returns>
    internal static string? UnusedNote(MeshSettings settings)
    {
        if (!settings.IsSet(KnownSettings.LdapUrl)) return null;
        if (!settings.Get(KnownSettings.EnableAuth)) return "LDAP_URL: logins do not use the directory, since ENABLE_AUTH is off: all clients are admitted";
        return settings.Get(KnownSettings.AuthType) is AuthenticationType.Ldap or AuthenticationType.Hybrid ? null : "LDAP_URL: logins do not use the directory, since AUTH_TYPE is neither ldap nor hybrid";
    }
}

/// <summary>Logs notes about the settings at the start.</summary>
internal sealed partial class LdapNotes(IReadOnlyList<string> notes, ILogger<LdapNotes> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var note in notes) LogNote(note);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Note}")]
    private partial void LogNote(string note);
}
