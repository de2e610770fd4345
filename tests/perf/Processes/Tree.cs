using System.Runtime.CompilerServices;

namespace JitsiMesh.Perf.Processes;

/// <summary>Where things are in this tree, and what this machine has.</summary>
internal static class Tree
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));

    /// <summary>What is measured is what <c>./mesh up</c> starts: the Release build.</summary>
    public static string Built(string project) => Path.Combine(Root, "artifacts", "bin", project, "release", project + ".dll");

    public static string Perf(params string[] path) => Path.Combine([Root, "tests", "perf", .. path]);

    public static bool Has(string program) =>
        Path.IsPathRooted(program) ? File.Exists(program) : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
