using System.Diagnostics;

namespace JitsiMesh.Auth.Tests.Kit;

/// <summary>A package of npm in a folder of the tests, installed when the first test needs it.</summary>
internal static class NodePackage
{
    /// <returns>Why a test of it is skipped; null where it can run.</returns>
    public static string? Prepare(string folder, string package)
    {
        if (Run(folder, "node", "--version") != 0) return "SKIPPED (missing node)";
        if (Directory.Exists(Path.Combine(folder, "node_modules", package))) return null;
        return Run(folder, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error") == 0 ? null : $"SKIPPED (npm ci could not install {package})";
    }

    private static int Run(string folder, string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
