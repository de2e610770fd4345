using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Conformance.Tests;

/// <summary>What the browser scenarios need on this machine: Chromium, Node.js and the drivers' packages.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    public static string Folder => Tree.Path("tests", "conformance", "browser");

    /// <summary>Null when everything is there.</summary>
    public string? Missing { get; private set; }

    public async Task InitializeAsync()
    {
        if (!Tree.Has("/usr/bin/chromium")) Missing = "chromium";
        else if (!Tree.Has("node")) Missing = "node";
        else if (new[] { "playwright-core", "puppeteer-core" }.Any(package => !Directory.Exists(Path.Combine(Folder, "node_modules", package))))
        {
            var (code, output) = await Programs.RunAsync("npm", ["ci", "--no-audit", "--no-fund"], Folder, TimeSpan.FromMinutes(3));
            if (code != 0) throw new InvalidOperationException("npm ci failed:\n" + output);
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;
}
