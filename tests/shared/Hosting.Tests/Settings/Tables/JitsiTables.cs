using System.Text.RegularExpressions;

namespace JitsiMesh.Hosting.Tests.Settings.Tables;

/// <summary>The names of Jitsi's tables, and the env.example files of two years made of them.</summary>
internal static partial class JitsiTables
{
    private static readonly Lazy<string> Folder = new(() =>
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "JitsiMesh.sln"))) folder = folder.Parent!;
        return Path.Combine(folder.FullName, "tests", "shared", "Hosting.Tests", "Settings", "Tables");
    });

    /// <summary>The 96 of 2021, in the tables' order.</summary>
    public static IReadOnlyList<string> Seed { get; } = Names("2021.env");

    /// <summary>The 502 of 2026.</summary>
    public static IReadOnlyList<string> Today { get; } = Names("2026.env");

    /// <summary>The 54 names that are no longer used.</summary>
    public static IReadOnlyList<string> Dropped { get; } = Names("dropped.env");

    /// <summary>What each of the 96 did at 718973d: yes, partly, no or refused.</summary>
    public static IReadOnlyDictionary<string, string> SeedBefore { get; } = Read("2021-before.txt").Split('\n').Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);

    /// <summary>Names that Jitsi's containers give themselves and no operator sets: too short to be looked for among an environment's own.</summary>
    public static IReadOnlyList<string> OfContainers { get; } = ["DISPLAY", "HOSTNAME", "LOCAL_ADDRESS", "SHARD", "TITLE"];

    public static string Read(string file) => File.ReadAllText(Path.Combine(Folder.Value, file));

    /// <summary>A file with every line that names a setting in force.</summary>
    public static string Uncommented(string file) => CommentedOut().Replace(Read(file), "$1");

    /// <summary>A file as it is after gen-passwords.sh.</summary>
    public static string WithPasswords(string text) => EmptyPassword().Replace(text, "$1=0123456789abcdef0123456789abcdef");

    private static string[] Names(string file) => [.. Name().Matches(Read(file)).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("^#?([A-Z][A-Z0-9_]+)=", RegexOptions.Multiline)]
    private static partial Regex Name();

    [GeneratedRegex("^#([A-Z][A-Z0-9_]+=)", RegexOptions.Multiline)]
    private static partial Regex CommentedOut();

    [GeneratedRegex("^([A-Z_]+_PASSWORD)=$", RegexOptions.Multiline)]
    private static partial Regex EmptyPassword();
}
