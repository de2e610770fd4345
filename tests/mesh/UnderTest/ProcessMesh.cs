using System.Globalization;
using System.Net;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>The built all-in-one as a process of its own.</summary>
public sealed class ProcessMesh : IMeshUnderTest, IAsyncDisposable
{
    private readonly HttpClient _inner;

    private ProcessMesh(AllInOneProcess process)
    {
        Process = process;
        _inner = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{process.InnerPort}")) };
    }

    public AllInOneProcess Process { get; }

    public Uri WebSocket => Process.WebSocket;

    public Uri PlainHttp => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Process.HttpPort}"));

    public string Domain => "meet.jitsi";

    public string MucDomain => "muc.meet.jitsi";

    public IPEndPoint Media => throw new NotSupportedException("The process chose its media port and tells it in candidates alone.");

    public IReadOnlyList<LogLine> Log => [.. Process.Log.Split('\n').Select(line => new LogLine(ClusterMesh.LevelOf(line), "all-in-one", line, null))];

    /// <summary>Bytes of the process in memory.</summary>
    public long WorkingSet
    {
        get
        {
            using var process = System.Diagnostics.Process.GetProcessById(Process.Id);
            return process.WorkingSet64;
        }
    }

    public static async Task<ProcessMesh> StartAsync(IReadOnlyDictionary<string, string> settings) => new(await AllInOneProcess.StartAsync(settings));

    public Task<string> InnerAsync(string path) => _inner.GetStringAsync(new Uri(path, UriKind.Relative));

    public async ValueTask DisposeAsync()
    {
        _inner.Dispose();
        await Process.DisposeAsync();
    }
}
