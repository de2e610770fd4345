namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>
/// The attributes for each field, in order of preference: the field mapping of Jitsi's contact source, with its defaults. Fewer attributes make searches faster.
/// </summary>
/// <param name="Name">The displayed name.</param>
/// <param name="Search">Searched for names and nicknames.</param>
/// <param name="GivenName">For initials.</param>
/// <param name="FamilyName">For initials.</param>
/// <param name="Mail">Mail addresses.</param>
/// <param name="WorkPhone">Numbers at work.</param>
/// <param name="MobilePhone">Mobile numbers.</param>
/// <param name="HomePhone">Numbers at home.</param>
/// <param name="Organisation">The organisation.</param>
/// <param name="Department">The department.</param>
/// <param name="Picture">A JPEG or PNG; none by default, since pictures make answers large.</param>
internal sealed record DirectoryFields(
    IReadOnlyList<string> Name, IReadOnlyList<string> Search, IReadOnlyList<string> GivenName, IReadOnlyList<string> FamilyName, IReadOnlyList<string> Mail,
    IReadOnlyList<string> WorkPhone, IReadOnlyList<string> MobilePhone, IReadOnlyList<string> HomePhone, IReadOnlyList<string> Organisation, IReadOnlyList<string> Department,
    IReadOnlyList<string> Picture)
{
    public static readonly DirectoryFields Default = new(
        ["displayName", "cn", "commonname"], ["displayName", "cn", "sn", "givenName", "uid", "mail"], ["givenName", "gn"], ["sn", "surname"], ["mail"],
        ["telephoneNumber", "primaryPhone", "companyPhone", "otherTelephone"], ["mobile", "mobilePhone", "mobileTelephoneNumber"], ["homePhone", "otherHomePhone"],
        ["o", "organizationName", "company"], ["ou", "orgunit", "department", "departmentNumber"], []);

    public IEnumerable<string> Phones => WorkPhone.Concat(MobilePhone).Concat(HomePhone);

    /// <summary>All attributes that are read.</summary>
    public IReadOnlyList<string> Read => [.. Name.Concat(GivenName).Concat(FamilyName).Concat(Mail).Concat(Phones).Concat(Organisation).Concat(Department).Concat(Picture).Distinct(StringComparer.OrdinalIgnoreCase)];
}
