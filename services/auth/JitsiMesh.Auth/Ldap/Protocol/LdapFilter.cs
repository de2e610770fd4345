using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Text;

namespace JitsiMesh.Auth.Ldap.Protocol;

/// <summary>A condition on entries (RFC 4511 section 4.5.1.7).</summary>
internal abstract record LdapFilter
{
    public static bool TryParse(string text, [NotNullWhen(true)] out LdapFilter? filter) => new LdapFilterParser(text).TryParse(out filter);

    public abstract void Write(AsnWriter writer);

    public static LdapFilter Equal(string attribute, string value) => new Comparison(3, attribute, Encoding.UTF8.GetBytes(value));

    /// <summary>Matches an attribute whose value begins with a text.</summary>
    public static LdapFilter BeginsWith(string attribute, string value) => new Substrings(attribute, Encoding.UTF8.GetBytes(value), [], null);

    /// <summary>Matches an attribute whose value contains a text.</summary>
    public static LdapFilter Contains(string attribute, string value) => new Substrings(attribute, null, [Encoding.UTF8.GetBytes(value)], null);

    public static LdapFilter Any(IEnumerable<LdapFilter> filters) => new Group(1, [.. filters]);

    public static LdapFilter All(IEnumerable<LdapFilter> filters) => new Group(0, [.. filters]);

    private static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number);

    /// <summary>and [0], or [1].</summary>
    internal sealed record Group(int Tag, IReadOnlyList<LdapFilter> Parts) : LdapFilter
    {
        public override void Write(AsnWriter writer)
        {
            using (writer.PushSetOf(Context(Tag)))
            {
                foreach (var part in Parts) part.Write(writer);
            }
        }
    }

    /// <summary>not [2].</summary>
    internal sealed record Not(LdapFilter Part) : LdapFilter
    {
        public override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(Context(2))) Part.Write(writer);
        }
    }

    /// <summary>equalityMatch [3], greaterOrEqual [5], lessOrEqual [6], approxMatch [8].</summary>
    internal sealed record Comparison(int Tag, string Attribute, byte[] Value) : LdapFilter
    {
        public override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(Context(Tag)))
            {
                writer.WriteOctetString(Encoding.UTF8.GetBytes(Attribute));
                writer.WriteOctetString(Value);
            }
        }
    }

    /// <summary>substrings [4].</summary>
    internal sealed record Substrings(string Attribute, byte[]? Initial, IReadOnlyList<byte[]> Middle, byte[]? Final) : LdapFilter
    {
        public override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(Context(4)))
            {
                writer.WriteOctetString(Encoding.UTF8.GetBytes(Attribute));
                using (writer.PushSequence())
                {
                    if (Initial is not null) writer.WriteOctetString(Initial, Context(0));
                    foreach (var middle in Middle) writer.WriteOctetString(middle, Context(1));
                    if (Final is not null) writer.WriteOctetString(Final, Context(2));
                }
            }
        }
    }

    /// <summary>present [7].</summary>
    internal sealed record Present(string Attribute) : LdapFilter
    {
        public override void Write(AsnWriter writer) => writer.WriteOctetString(Encoding.UTF8.GetBytes(Attribute), Context(7));
    }

    /// <summary>extensibleMatch [9].</summary>
    internal sealed record Extensible(string? Attribute, string? Rule, bool NameAttributes, byte[] Value) : LdapFilter
    {
        public override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(Context(9)))
            {
                if (Rule is not null) writer.WriteOctetString(Encoding.UTF8.GetBytes(Rule), Context(1));
                if (Attribute is not null) writer.WriteOctetString(Encoding.UTF8.GetBytes(Attribute), Context(2));
                writer.WriteOctetString(Value, Context(3));
                if (NameAttributes) writer.WriteBoolean(true, Context(4));
            }
        }
    }
}
