using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Offers;

/// <summary>
/// The verification string of entity capabilities (XEP-0115 section 5.1). An answer to disco#info is remembered for others only if it
/// really has the hash that was asked for; else one client could choose the features of all.
/// </summary>
public static class CapsHash
{
    /// <returns>The base64 of the SHA-1, as the attribute <c>ver</c> carries it.</returns>
    public static string Compute(XmppElement query)
    {
        var identities = query.Children("identity", Namespaces.DiscoInfo)
            .Select(identity => $"{identity["category"]}/{identity["type"]}/{identity.Get("lang", Namespaces.Xml)}/{identity["name"]}<")
            .Order(StringComparer.Ordinal);
        var features = query.Children("feature", Namespaces.DiscoInfo).Select(feature => feature["var"] + "<").Order(StringComparer.Ordinal);
        var text = new StringBuilder();
        foreach (var part in identities.Concat(features)) text.Append(part);
        foreach (var form in query.Children("x", Namespaces.DataForm).OrderBy(FormType, StringComparer.Ordinal)) AppendForm(text, form);
        return Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static void AppendForm(StringBuilder text, XmppElement form)
    {
        text.Append(FormType(form)).Append('<');
        foreach (var field in form.Children("field").Where(field => field["var"] != "FORM_TYPE").OrderBy(field => field["var"], StringComparer.Ordinal))
        {
            text.Append(field["var"]).Append('<');
            foreach (var value in field.Children("value").Select(value => value.Text).Order(StringComparer.Ordinal)) text.Append(value).Append('<');
        }
    }

    private static string FormType(XmppElement form) =>
        form.Children("field").FirstOrDefault(field => field["var"] == "FORM_TYPE")?.Child("value")?.Text ?? "";
}
