using JitsiMesh.Hosting.Settings;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Auth.ServiceAccounts;

/// <summary>An account of a service, as the settings have it. It prints nothing.</summary>
internal sealed record ServiceAccount(string Domain, string Name, string Password)
{
    /// <summary>Focus' own name on XMPP_AUTH_DOMAIN, which clients know it by: nobody logs in as it.</summary>
    private const string FocusName = "focus";

    /// <summary>Those whose password is set and good (<see cref="RequiredSecrets"/> says which is not): the others cannot log in.</summary>
    /// <exception cref="SettingsException">A name that is none, two accounts of one name, or a domain that people log in on.</exception>
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
            if (!JidPreparation.TryLocal(settings.Get(user), out var name)) problems.Add($"{user.Name}: '{settings.Get(user)}' is no name of an account (letters, digits, dots, dashes; no @, no spaces)");
            else if (name == FocusName) problems.Add($"{user.Name}: '{FocusName}' is focus' own name");
            else if (Same(domain, settings.XmppDomain) || Same(domain, settings.XmppGuestDomain)) problems.Add($"{user.Name}: its domain {domain} is the one that people log in on; set XMPP_AUTH_DOMAIN and XMPP_HIDDEN_DOMAIN to others");
            else if (accounts.Exists(a => Same(a.Domain, domain) && a.Name == name)) problems.Add($"{user.Name}: '{name}' is the name of another service on {domain}");
            else accounts.Add(new ServiceAccount(Jid.Create(null, domain).Domain, name, settings.Get(password)));
        }
    }

    public override string ToString() => "service account";

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
