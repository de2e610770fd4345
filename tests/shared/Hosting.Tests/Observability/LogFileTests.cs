using JitsiMesh.Hosting.Observability;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Tests.Observability;

public sealed class LogFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mesh-log");

    private string FilePath => Path.Combine(_folder.FullName, "logs", "jvb.log");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Each_event_is_a_line_of_the_file_and_the_file_goes_on_after_a_restart()
    {
        Log("one", "two\nlines");
        Log("three");

        Assert.Equal(["Information Test: one", "Information Test: two lines", "Information Test: three"], File.ReadAllLines(FilePath).Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
    }

    [Fact]
    public void A_long_file_becomes_the_one_before()
    {
        using (var file = new LogFile("JVB_LOG_FILE", FilePath, octets: 500))
        {
            foreach (var i in Enumerable.Range(0, 20)) file.CreateLogger("Test").Log(LogLevel.Information, "line {Number}", i);
        }

        Assert.EndsWith("line 19", File.ReadAllLines(FilePath)[^1], StringComparison.Ordinal);
        Assert.InRange(new FileInfo(FilePath).Length, 1, 600);
        Assert.InRange(new FileInfo(FilePath + ".1").Length, 500, 600);
    }

    [Fact]
    public void A_file_that_cannot_be_written_stops_nothing()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "file"), "");
        using var file = new LogFile("JVB_LOG_FILE", Path.Combine(_folder.FullName, "file", "jvb.log"));

        foreach (var i in Enumerable.Range(0, LogFileLimits.Waiting * 2)) file.CreateLogger("Test").Log(LogLevel.Information, "line {Number}", i);
    }

    private void Log(params string[] texts)
    {
        using var file = new LogFile("JVB_LOG_FILE", FilePath);
        foreach (var text in texts) file.CreateLogger("Test").Log(LogLevel.Information, "{Text}", text);
    }
}
