using System.Runtime.CompilerServices;

namespace JitsiMesh.Kit.Processes;

/// <summary>The folders of this tree, and the programs of this machine.</summary>
public static class Tree
{
#if DEBUG
    private const string Configuration = "debug";
#else
    private const string Configuration = "release";
#endif

    public static string Root { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));

    /// <summary>A program of this tree in the tests' own build configuration; the benchmarks are built in Release, as <c>./mesh up</c> builds.</summary>
    public static string Built(string project) => Path("artifacts", "bin", project, Configuration, project + ".dll");

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>Whether the machine has a program: its full path, or a name in PATH.</summary>
    public static bool Has(string program) =>
        System.IO.Path.IsPathRooted(program)
            ? File.Exists(program)
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(System.IO.Path.Combine(folder, program)));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
