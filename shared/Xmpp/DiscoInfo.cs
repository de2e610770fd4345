using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Xmpp;

/// <summary>An identity of an entity (XEP-0030 section 3.1).</summary>
public sealed record DiscoIdentity(string Category, string Type, string Name = "", string Language = "");

/// <summary>A disco#info result (XEP-0030 section 3) and its verification string (XEP-0115 section 5.1).</summary>
public sealed class DiscoInfo
{
    public List<DiscoIdentity> Identities { get; } = [];

    public List<string> Features { get; } = [];

    public List<DataForm> Forms { get; } = [];

    public XmppElement ToElement(string? node = null)
    {
        var query = new XmppElement("query", Namespaces.DiscoInfo, ("node", node));
        foreach (var identity in Identities)
        {
            var element = new XmppElement("identity", Namespaces.DiscoInfo, ("category", identity.Category), ("type", identity.Type), ("name", identity.Name.Length == 0 ? null : identity.Name));
            if (identity.Language.Length > 0) element.Set("lang", identity.Language, Namespaces.Xml);
            query.Add(element);
        }

        foreach (var feature in Features) query.Add(new XmppElement("feature", Namespaces.DiscoInfo, ("var", feature)));
        foreach (var form in Forms) query.Add(form.ToElement());
        return query;
    }

    public static DiscoInfo? Read(XmppElement? query)
    {
        if (query is null || query.Name != "query" || query.Namespace != Namespaces.DiscoInfo) return null;
        var info = new DiscoInfo();
        foreach (var child in query.Elements)
        {
            if (child.Name == "identity") info.Identities.Add(new DiscoIdentity(child["category"] ?? "", child["type"] ?? "", child["name"] ?? "", child.Get("lang", Namespaces.Xml) ?? ""));
            else if (child.Name == "feature" && child["var"] is { } feature) info.Features.Add(feature);
            else if (DataForm.Read(child) is { } form) info.Forms.Add(form);
        }

        return info;
    }

    /// <summary>The <c>ver</c> of entity capabilities with SHA-1 (XEP-0115 section 5.1), base64.</summary>
    public string VerificationString()
    {
        var s = new StringBuilder();
        foreach (var identity in Identities.Select(i => $"{i.Category}/{i.Type}/{i.Language}/{i.Name}").Order(StringComparer.Ordinal)) s.Append(identity).Append('<');
        foreach (var feature in Features.Order(StringComparer.Ordinal)) s.Append(feature).Append('<');
        foreach (var form in Forms.Where(f => f.Field("FORM_TYPE")?.Type == "hidden").OrderBy(f => f.FormType, StringComparer.Ordinal))
        {
            s.Append(form.FormType).Append('<');
            foreach (var field in form.Fields.Where(f => f.Var != "FORM_TYPE").OrderBy(f => f.Var, StringComparer.Ordinal))
            {
                s.Append(field.Var).Append('<');
                foreach (var value in field.Values.Order(StringComparer.Ordinal)) s.Append(value).Append('<');
            }
        }

        return Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes(s.ToString())));
    }
}
