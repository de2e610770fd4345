using JitsiMesh.Auth.Ldap.Protocol;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>Converts an entry to a search result.</summary>
internal static class PersonReader
{
    /// <returns>Null for an entry without a name.</returns>
    public static FoundPerson? Read(LdapEntry entry, DirectorySource source)
    {
        var fields = source.Fields;
        var name = First(entry, fields.Name) ?? string.Join(' ', new[] { First(entry, fields.GivenName), First(entry, fields.FamilyName) }.OfType<string>());
        if (name.Length == 0) return null;
        var numbers = new List<FoundNumber>();
        Add(numbers, entry, fields.WorkPhone, "work", source.Phones);
        Add(numbers, entry, fields.MobilePhone, "mobile", source.Phones);
        Add(numbers, entry, fields.HomePhone, "home", source.Phones);
        var mail = Texts(entry, fields.Mail).Select(address => address.Contains('@', StringComparison.Ordinal) ? address : source.MailSuffix.Length > 0 ? address + source.MailSuffix : "")
            .Where(address => address.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return new FoundPerson(name, mail, numbers, First(entry, fields.Organisation), First(entry, fields.Department), Picture(entry, fields.Picture));
    }

    private static void Add(List<FoundNumber> numbers, LdapEntry entry, IReadOnlyList<string> attributes, string kind, PhoneRules rules)
    {
        foreach (var written in Texts(entry, attributes))
        {
            if (rules.Normalise(written) is { } number && numbers.TrueForAll(known => known.Number != number)) numbers.Add(new FoundNumber(number, kind));
        }
    }

    private static string? First(LdapEntry entry, IReadOnlyList<string> attributes) => Texts(entry, attributes).FirstOrDefault();

    private static IEnumerable<string> Texts(LdapEntry entry, IReadOnlyList<string> attributes) =>
        attributes.SelectMany(entry.Texts).Select(text => text.Trim()).Where(text => text.Length is > 0 and <= DirectoryLimits.ValueCharacters && !text.Any(char.IsControl));

    // The first octets determine the type, not the attribute's name.
    private static string? Picture(LdapEntry entry, IReadOnlyList<string> attributes)
    {
        foreach (var picture in attributes.SelectMany(entry.Values))
        {
            if (picture.Length > DirectoryLimits.PictureOctets) continue;
            var type = picture.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg" : picture.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47]) ? "image/png" : null;
            if (type is not null) return $"data:{type};base64,{Convert.ToBase64String(picture)}";
        }

        return null;
    }
}
