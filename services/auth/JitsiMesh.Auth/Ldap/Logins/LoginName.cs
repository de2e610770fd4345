using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Auth.Ldap.Logins;

/// <summary>The name of a login: as received, its parts, and the local part of the corresponding JID.</summary>
internal sealed record LoginName
{
    private LoginName(string text, string user, string domain, string realm, string local)
    {
        Text = text;
        User = user;
        Domain = domain;
        Realm = realm;
        Local = local;
    }

    /// <summary>As received (%u).</summary>
    public string Text { get; }

    /// <summary>The part before the @ (%U).</summary>
    public string User { get; }

    /// <summary>The part after the @, or the realm (%d).</summary>
    public string Domain { get; }

    /// <summary>LDAP_REALM (%r).</summary>
    public string Realm { get; }

    /// <summary>The prepared local part of the JID.</summary>
    public string Local { get; }

    /// <summary>
    /// A name without an @, or with the configured realm after it. Names of other realms are refused: two users of two realms would get the same JID.
    /// </summary>
    public static bool TryCreate(string text, string realm, [NotNullWhen(true)] out LoginName? name)
    {
        name = null;
        if (text.Length == 0 || Encoding.UTF8.GetByteCount(text) > LdapLimits.LoginNameOctets) return false;
        var at = text.LastIndexOf('@');
        var user = at < 0 ? text : text[..at];
        var domain = at < 0 ? realm : text[(at + 1)..];
        if (!string.Equals(domain, realm, StringComparison.OrdinalIgnoreCase)) return false;
        if (!JidPreparation.TryLocal(user, out var local)) return false;
        name = new LoginName(text, user, domain, realm, local);
        return true;
    }

    public override string ToString() => "login name";
}

/// <summary>LDAP_FILTER: a text with placeholders for a login name, as in saslauthd.</summary>
internal static class LoginTemplate
{
    /// <summary>The value of %s: the service name that Prosody used.</summary>
    private const string Service = "xmpp";

    /// <summary>An unknown placeholder, or null.</summary>
    public static string? UnknownPlaceholder(string template)
    {
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] != '%') continue;
            if (++i >= template.Length) return "%";
            if (template[i] is not ('%' or 'u' or 'U' or 'd' or 's' or 'r' or 'D' or (>= '1' and <= '9'))) return "%" + template[i];
        }

        return null;
    }

    /// <param name="template">A template without unknown placeholders.</param>
    /// <param name="name">The name.</param>
    /// <param name="escape">Escapes a value for its position.</param>
    public static string Expand(string template, LoginName name, Func<string, string> escape)
    {
        var result = new StringBuilder(template.Length + name.Text.Length);
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] != '%')
            {
                result.Append(template[i]);
                continue;
            }

            var placeholder = template[++i];
            result.Append(placeholder switch
            {
                '%' => "%",
                'u' => escape(name.Text),
                'U' => escape(name.User),
                'd' => escape(name.Domain),
                's' => escape(Service),
                'r' => escape(name.Realm),
                'D' => string.Join(',', name.Domain.Split('.').Select(label => "dc=" + escape(Protocol.LdapText.EscapeForName(label)))),
                _ => escape(Label(name.Domain, int.Parse(placeholder.ToString(), CultureInfo.InvariantCulture))),
            });
        }

        return result.ToString();
    }

    // %1 is the last label.
    private static string Label(string domain, int number)
    {
        var labels = domain.Split('.');
        return number <= labels.Length ? labels[^number] : "";
    }
}
