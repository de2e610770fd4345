using JitsiMesh.Auth.Ldap.Protocol;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>Builds a filter from a query.</summary>
internal static class DirectoryQuery
{
    /// <summary>
    /// One letter matches names that begin with it. Two or three letters match initials too. Otherwise every part must occur in a name, a nickname or an address, in any
    /// order; digits are searched in numbers.
    /// </summary>
    /// <returns>Null for a query that cannot match.</returns>
    public static LdapFilter? FilterOf(string query, DirectorySource source)
    {
        var fields = source.Fields;
        var words = query.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(DirectoryLimits.QueryWords).ToList();
        if (words.Count == 0 || query.Length > DirectoryLimits.QueryCharacters || query.Any(char.IsControl)) return null;
        LdapFilter found;
        if (IsNumber(query) && fields.Phones.Any())
        {
            found = LdapFilter.Any(fields.Phones.Select(phone => LdapFilter.Contains(phone, string.Concat(query.Where(char.IsAsciiDigit)))));
        }
        else if (words is [{ Length: 1 } letter])
        {
            found = LdapFilter.Any(fields.Search.Select(field => LdapFilter.BeginsWith(field, letter)));
        }
        else
        {
            found = LdapFilter.All(words.Select(word => LdapFilter.Any(fields.Search.Select(field => word.Length == 1 ? LdapFilter.BeginsWith(field, word) : LdapFilter.Contains(field, word)))));
            if (words is [{ Length: 2 or 3 } initials] && initials.All(char.IsLetter) && fields.GivenName.Count > 0 && fields.FamilyName.Count > 0)
            {
                found = LdapFilter.Any([found, LdapFilter.All([LdapFilter.BeginsWith(fields.GivenName[0], initials[..1]), LdapFilter.BeginsWith(fields.FamilyName[0], initials[1..])])]);
            }
        }

        return LdapFilter.All([source.Restriction, found]);
    }

    private static bool IsNumber(string query) => query.Count(char.IsAsciiDigit) >= 3 && query.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '-' or '/');
}
