using System.Formats.Asn1;
using System.Text;

namespace JitsiMesh.Auth.Ldap.Protocol;

/// <summary>The scope of a search (RFC 4511 section 4.5.1.2).</summary>
internal enum LdapScope
{
    Base = 0,
    OneLevel = 1,
    Subtree = 2,
}

/// <summary>A search (RFC 4511 section 4.5.1). Aliases are not followed.</summary>
/// <param name="Base">The search base; empty for the root.</param>
/// <param name="Scope">The scope.</param>
/// <param name="Filter">The filter.</param>
/// <param name="Attributes">The attributes to return.</param>
/// <param name="SizeLimit">The most entries that the server may return.</param>
internal sealed record LdapSearch(string Base, LdapScope Scope, LdapFilter Filter, IReadOnlyList<string> Attributes, int SizeLimit)
{
    public override string ToString() => "search";
}

/// <summary>Writes the requests (RFC 4511 sections 4.2, 4.3, 4.5, 4.11, 4.14) as LDAPMessages.</summary>
internal static class LdapEncoder
{
    /// <summary>RFC 4511 section 4.14.</summary>
    public const string StartTlsName = "1.3.6.1.4.1.1466.20037";

    private enum Dereference
    {
        Never = 0,
    }

    /// <summary>A simple bind: with a name and a password, or anonymous with neither.</summary>
    public static byte[] Bind(int id, int version, string name, string password) => Message(id, writer =>
    {
        using (writer.PushSequence(Application(0)))
        {
            writer.WriteInteger(version);
            Text(writer, name);
            writer.WriteOctetString(Encoding.UTF8.GetBytes(password), new Asn1Tag(TagClass.ContextSpecific, 0));
        }
    });

    public static byte[] Unbind(int id) => Message(id, writer => writer.WriteNull(Application(2)));

    public static byte[] Search(int id, LdapSearch search, TimeSpan timeLimit) => Message(id, writer =>
    {
        using (writer.PushSequence(Application(3)))
        {
            Text(writer, search.Base);
            writer.WriteEnumeratedValue(search.Scope);
            writer.WriteEnumeratedValue(Dereference.Never);
            writer.WriteInteger(search.SizeLimit);
            writer.WriteInteger((int)Math.Ceiling(timeLimit.TotalSeconds));
            writer.WriteBoolean(false);
            search.Filter.Write(writer);
            using (writer.PushSequence())
            {
                foreach (var attribute in search.Attributes) Text(writer, attribute);
            }
        }
    });

    public static byte[] StartTls(int id) => Message(id, writer =>
    {
        using (writer.PushSequence(Application(23)))
        {
            writer.WriteOctetString(Encoding.UTF8.GetBytes(StartTlsName), new Asn1Tag(TagClass.ContextSpecific, 0));
        }
    });

    private static byte[] Message(int id, Action<AsnWriter> operation)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            operation(writer);
        }

        return writer.Encode();
    }

    private static void Text(AsnWriter writer, string text) => writer.WriteOctetString(Encoding.UTF8.GetBytes(text));

    private static Asn1Tag Application(int number) => new(TagClass.Application, number);
}
