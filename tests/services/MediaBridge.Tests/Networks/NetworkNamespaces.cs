using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace JitsiMesh.MediaBridge.Tests.Networks;

/// <summary>
/// Networks of the test's own (Linux network namespaces), with cables between them and a firewall in each. Sockets that a thread opens while it is in one
/// stay in it, so bridge and clients run in this process.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed partial class NetworkNamespaces : IDisposable
{
    private const int NewNetwork = 0x40000000;
    private static int _count;
    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"jm{Environment.ProcessId % 100_000}x{Interlocked.Increment(ref _count)}");
    private readonly List<string> _names = [];
    private readonly List<Process> _processes = [];
    private int _cables;

    public NetworkNamespaces(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            Execute("ip", "netns", "add", Full(name));
            _names.Add(name);
            In(name, "ip link set lo up");
        }
    }

    /// <summary>Why there can be none; null: there can.</summary>
    public static string? Missing { get; } = Find();

    /// <summary>A cable between two networks, with the addresses of its ends (IPv4 or IPv6, with prefix length).</summary>
    public void Connect(string left, string leftAddress, string right, string rightAddress)
    {
        var (a, b) = (string.Create(CultureInfo.InvariantCulture, $"cable{_cables}a"), string.Create(CultureInfo.InvariantCulture, $"cable{_cables++}b"));
        Execute("ip", "link", "add", a, "netns", Full(left), "type", "veth", "peer", "name", b, "netns", Full(right));
        foreach (var (name, end, address) in new[] { (left, a, leftAddress), (right, b, rightAddress) })
        {
            // nodad: an IPv6 address is usable at once.
            In(name, $"ip addr add {address} dev {end}{(address.Contains(':', StringComparison.Ordinal) ? " nodad" : "")}");
            In(name, $"ip link set {end} up");
        }
    }

    /// <summary>A command inside; words are separated by blanks.</summary>
    public void In(string name, string command) => Execute("ip", ["netns", "exec", Full(name), .. command.Split(' ')]);

    /// <summary>A firewall's rules, as nft reads them.</summary>
    public void Filter(string name, string rules)
    {
        var start = Command("ip", "netns", "exec", Full(name), "nft", "-f", "-");
        start.RedirectStandardInput = true;
        using var nft = Process.Start(start)!;
        nft.StandardInput.Write(rules);
        nft.StandardInput.Close();
        Finish(nft, "nft");
    }

    /// <summary>Starts a program inside that ends with the test.</summary>
    public Process Start(string name, string program, params ReadOnlySpan<string> arguments)
    {
        var process = Process.Start(Command("ip", ["netns", "exec", Full(name), program, .. arguments]))!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
        return process;
    }

    /// <summary>Runs something on a thread that is inside: sockets that it opens are too, and stay so.</summary>
    public T Run<T>(string name, Func<T> action)
    {
        var result = default(T);
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var file = File.OpenHandle("/run/netns/" + Full(name));
                if (SetNamespace((int)file.DangerousGetHandle(), NewNetwork) != 0) throw new InvalidOperationException($"setns failed with {Marshal.GetLastPInvokeError()}");
                result = action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result! : throw new InvalidOperationException("It failed inside.", failure);
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            try
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit(5000);
            }
            catch (InvalidOperationException)
            {
                // It has ended.
            }

            process.Dispose();
        }

        foreach (var name in _names) Execute("ip", "netns", "del", Full(name));
    }

    private static string? Find()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root") return "SKIPPED (missing the rights for network namespaces)";
        if (!File.Exists("/usr/sbin/nft")) return "SKIPPED (missing nftables)";
        try
        {
            using (new NetworkNamespaces("try"))
            {
                return null;
            }
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"SKIPPED (missing network namespaces: {e.Message})";
        }
    }

    private static void Execute(string program, params ReadOnlySpan<string> arguments)
    {
        using var process = Process.Start(Command(program, arguments))!;
        Finish(process, program + " " + string.Join(' ', arguments!));
    }

    private static ProcessStartInfo Command(string program, params ReadOnlySpan<string> arguments) =>
        new(program, arguments.ToArray()) { RedirectStandardError = true, RedirectStandardOutput = true };

    private static void Finish(Process process, string what)
    {
        var said = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{what}: {said}");
    }

    private string Full(string name) => $"{_prefix}-{name}";

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int file, int kind);
}

/// <summary>A test that needs network namespaces, skipped aloud without.</summary>
[SupportedOSPlatform("linux")]
public sealed class NamespaceFactAttribute : FactAttribute
{
    /// <param name="program">A program that it needs too.</param>
    public NamespaceFactAttribute(string? program = null) =>
        Skip = NetworkNamespaces.Missing ?? (program is null || File.Exists("/usr/bin/" + program) ? null : $"SKIPPED (missing {program})");
}
