using JitsiMesh.Hosting.Settings;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Auth.ServiceAccounts;

/// <summary>An account of a service, from the settings. Its ToString prints nothing.</summary>
internal sealed record ServiceAccount(string Domain, string Name, string Password)
{
    /// <summary>Focus' own name on XMPP_AUTH_DOMAIN, which clients expect: no service may log in with it.</summary>
    private const string FocusName = "focus";

    /// <summary>The accounts with a valid password (<see cref="RequiredSecrets"/> reports the others): accounts without one cannot log in.</summary>
    /// <exception cref="SettingsException">An invalid name, two accounts of one name, or a domain that users log in on.</exception>
    public static IReadOnlyList<ServiceAccount> Of(MeshSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var problems = new List<string>();
        var accounts = new List<ServiceAccount>();
        Add(settings.XmppAuthDomain, KnownSettings.JibriXmppUser, KnownSettings.JibriXmppPassword);
        Add(settings.XmppAuthDomain, KnownSettings.JigasiXmppUser, KnownSettings.JigasiXmppPassword);
        Add(settings.XmppHiddenDomain, KnownSettings.JibriRecorderUser, KnownSettings.JibriRecorderPassword);
        Add(settings.XmppHiddenDomain, KnownSettings.JigasiTranscriberUser, KnownSettings.JigasiTranscriberPassword);
        return problems.Count == 0 ? accounts : throw new SettingsException(problems);

        void Add(string domain, Setting<string> user, Setting<string> password)
        {
            if (!settings.IsSet(password)) return;
            if (!JidPreparation.TryLocal(settings.Get(user), out var name)) problems.Add($"{user.Name}: '{settings.Get(user)}' is not an account name (letters, digits, dots, dashes; no @, no spaces)");
            else if (name == FocusName) problems.Add($"{user.Name}: '{FocusName}' is focus' own name");
            else if (Same(domain, settings.XmppDomain) || Same(domain, settings.XmppGuestDomain)) problems.Add($"{user.Name}: users log in on its domain {domain}; set XMPP_AUTH_DOMAIN and XMPP_HIDDEN_DOMAIN to other domains");
            else if (accounts.Exists(a => Same(a.Domain, domain) && a.Name == name)) problems.Add($"{user.Name}: '{name}' is the name of another service on {domain}");
            else accounts.Add(new ServiceAccount(Jid.Create(null, domain).Domain, name, settings.Get(password)));
        }
    }

    public override string ToString() => "service account";

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
