namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>
/// Which attributes hold what, in order of preference: the field mapping of Jitsi's contact source, with its defaults. Fewer attributes make searches faster.
/// </summary>
/// <param name="Name">What is shown.</param>
/// <param name="Search">What names and nicknames are looked for in.</param>
/// <param name="GivenName">For the first letters of a name.</param>
/// <param name="FamilyName">For the first letters of a name.</param>
/// <param name="Mail">Mail addresses.</param>
/// <param name="WorkPhone">Numbers at work.</param>
/// <param name="MobilePhone">Mobile numbers.</param>
/// <param name="HomePhone">Numbers at home.</param>
/// <param name="Organisation">Where somebody works.</param>
/// <param name="Department">In which part of it.</param>
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

    /// <summary>All that is read of an entry.</summary>
    public IReadOnlyList<string> Read => [.. Name.Concat(GivenName).Concat(FamilyName).Concat(Mail).Concat(Phones).Concat(Organisation).Concat(Department).Concat(Picture).Distinct(StringComparer.OrdinalIgnoreCase)];
}
