using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace JitsiMesh.Conformance.Tests;

/// <summary>Foreign programs that run to their end.</summary>
internal static class Programs
{
    /// <summary>
    /// What call.mjs asks of pictures. Three browsers that encode and decode on the same two cores need a quiet machine for what the scenario
    /// asks of itself; a shared one must show that pictures move, and lose next to nothing.
    /// </summary>
    public static IReadOnlyDictionary<string, string> BrowserLimits { get; } = Environment.GetEnvironmentVariable("MESH_TEST_MODE") == "full"
        ? new Dictionary<string, string>()
        : new Dictionary<string, string> { ["E2E_MIN_FPS"] = "5", ["E2E_START_SECONDS"] = "25", ["E2E_TALK_SECONDS"] = "15", ["E2E_MAX_LOST"] = "20" };

    /// <summary>Runs a program to its end and gives its exit code and output; one that does not end in time is killed.</summary>
    public static async Task<(int Code, string Output)> RunAsync(string program, IEnumerable<string> arguments, string folder, TimeSpan limit, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        using var process = Process.Start(start)!;
        var output = new StringBuilder();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(output, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, Text(output));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return (-1, Text(output) + string.Create(CultureInfo.InvariantCulture, $"\n(killed after {limit.TotalSeconds:0} s)"));
        }
    }

    private static void Append(StringBuilder output, string? line)
    {
        if (line is null) return;
        lock (output) output.AppendLine(line);
    }

    private static string Text(StringBuilder output)
    {
        lock (output) return output.ToString();
    }
}
