using System.Globalization;
using System.Text;

namespace JitsiMesh.Kit.Directories;

/// <summary>The entries of the test directory.</summary>
public static class TestEntries
{
    public const string Password = "Sesam öffne dich";

    public static string Ldif(int people)
    {
        var ldif = new StringBuilder();
        Add(ldif, RunningSlapd.Suffix, "objectClass: dcObject", "objectClass: organization", "o: Corp", "dc: corp");
        foreach (var unit in new[] { "people", "services", "groups", "secret", "other" }) Add(ldif, $"ou={unit},{RunningSlapd.Suffix}", "objectClass: organizationalUnit", $"ou: {unit}");
        Add(ldif, RunningSlapd.ServiceName, "objectClass: organizationalRole", "objectClass: simpleSecurityObject", "cn: jitsi", $"userPassword:: {Base64(RunningSlapd.ServicePassword)}");
        Add(ldif, "cn=policy," + RunningSlapd.Suffix, "objectClass: organizationalRole", "objectClass: pwdPolicy", "cn: policy", "pwdAttribute: userPassword", "pwdLockout: TRUE", "pwdMaxFailure: 0");
        Person(ldif, "anna", "people", "Anna Ångström", Password, "memberOf: cn=hosts,ou=groups," + RunningSlapd.Suffix);
        Person(ldif, "berta", "people", "Berta Braun", "berta's", "memberOf: cn=team,ou=groups," + RunningSlapd.Suffix);
        Person(ldif, "carl", "people", "Carl Clear", "carls password");
        Person(ldif, "locked", "people", "Lock Ed", "locked password", "pwdAccountLockedTime: 000001010000Z");
        Person(ldif, "hidden", "secret", "Hid Den", "hidden password");
        Person(ldif, "twin", "people", "Twin One", "twin password");
        Person(ldif, "twin", "other", "Twin Two", "twin password");
        Person(ldif, "outside", "other", "Out Side", "outside password");
        foreach (var (name, value) in Stored) Person(ldif, name, "people", name, value);
        Group(ldif, "hosts", "uid=anna,ou=people," + RunningSlapd.Suffix);
        Group(ldif, "team", "uid=berta,ou=people," + RunningSlapd.Suffix, "memberOf: cn=recorders,ou=groups," + RunningSlapd.Suffix);
        Group(ldif, "recorders", "cn=team,ou=groups," + RunningSlapd.Suffix);
        for (var i = 0; i < people; i++) Contact(ldif, i);
        return ldif.ToString();
    }

    /// <summary>userPassword in each form, all of them for the password "geheim"; made by slappasswd and openssl passwd.</summary>
    public static readonly (string Name, string Value)[] Stored =
    [
        ("md5", "{MD5}" + Hash(System.Security.Cryptography.MD5.HashData, "geheim", "")),
        ("smd5", "{SMD5}" + Hash(System.Security.Cryptography.MD5.HashData, "geheim", "salt")),
        ("sha", "{SHA}" + Hash(System.Security.Cryptography.SHA1.HashData, "geheim", "")),
        ("ssha", "{SSHA}" + Hash(System.Security.Cryptography.SHA1.HashData, "geheim", "saltsalt")),
        ("crypt1", "{CRYPT}$1$abcdefgh$eKehL.s8tG6zTf8hBtmEF."),
        ("crypt6", "{CRYPT}$6$abcdefgh$msgktWxVAbjjh3X7lA5LaM7dS/ZfABJL6T4qcRsnjcOTj0kptUvZcrvrXIoO5fgPA9xz6UnF2To2Y7jGc/IZY/"),
        ("clear", "geheim"),
    ];

    private static void Person(StringBuilder ldif, string uid, string unit, string name, string password, params string[] more) => Add(ldif, $"uid={uid},ou={unit},{RunningSlapd.Suffix}",
        ["objectClass: inetOrgPerson", "objectClass: adUser", $"uid: {uid}", $"cn:: {Base64(name)}", $"sn:: {Base64(name.Split(' ')[^1])}", $"givenName:: {Base64(name.Split(' ')[0])}", $"displayName:: {Base64(name)}",
            $"mail: {uid}@corp.example", $"sAMAccountName: {uid}", $"userPrincipalName: {uid}@corp.example", $"userPassword:: {Base64(password)}", .. more]);

    private static void Group(StringBuilder ldif, string name, string member, params string[] more) =>
        Add(ldif, $"cn={name},ou=groups,{RunningSlapd.Suffix}", ["objectClass: groupOfNames", $"cn: {name}", $"member: {member}", .. more]);

    private static void Contact(StringBuilder ldif, int i)
    {
        var given = Given[i % Given.Length];
        var family = string.Create(CultureInfo.InvariantCulture, $"{Family[i / Given.Length % Family.Length]}{i / 400}");
        Add(ldif, string.Create(CultureInfo.InvariantCulture, $"uid=person{i:d5},ou=people,{RunningSlapd.Suffix}"), "objectClass: inetOrgPerson", string.Create(CultureInfo.InvariantCulture, $"uid: person{i:d5}"),
            $"cn: {given} {family}", $"sn: {family}", $"givenName: {given}", $"displayName: {given} {family}", string.Create(CultureInfo.InvariantCulture, $"mail: person{i:d5}@corp.example"),
            string.Create(CultureInfo.InvariantCulture, $"telephoneNumber: 030 55{i:d5}"), string.Create(CultureInfo.InvariantCulture, $"mobile: +49 170 {i:d7}"), "o: Corp", "ou: Sales");
    }

    private static readonly string[] Given = ["John", "Mary", "Ahmed", "Ines", "Oleg", "Yuki", "Paul", "Rosa", "Tim", "Vera", "Zoe", "Karl", "Lena", "Noah", "Mia", "Elif", "Hugo", "Ida", "Jan", "Greta"];

    private static readonly string[] Family = ["Doe", "Smith", "Meyer", "Rossi", "Petrov", "Sato", "Nowak", "Lopez", "Kaya", "Larsen", "Dubois", "Khan", "Novak", "Silva", "Brown", "Weber", "Moreau", "Costa", "Lind", "Fischer"];

    private static void Add(StringBuilder ldif, string name, params string[] lines)
    {
        ldif.Append("dn: ").AppendLine(name);
        foreach (var line in lines) ldif.AppendLine(line);
        ldif.AppendLine();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Hash(Func<byte[], byte[]> hash, string password, string salt) =>
        Convert.ToBase64String([.. hash(Encoding.UTF8.GetBytes(password + salt)), .. Encoding.UTF8.GetBytes(salt)]);
}
