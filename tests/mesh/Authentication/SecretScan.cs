using System.Globalization;
using System.Text.Json;

namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>Looks for what people log in with wherever somebody else may read: logs, traces, inner pages, arguments of processes.</summary>
internal static class SecretScan
{
    /// <summary>Every inner page of a service: its /debug lists them.</summary>
    public static async Task<IReadOnlyList<(string Where, string Text)>> PagesAsync(string service, Func<string, Task<string>> read)
    {
        List<(string Where, string Text)> pages = [];
        using var debug = JsonDocument.Parse(await read("/debug"));
        foreach (var path in debug.RootElement.GetProperty("pages").EnumerateArray().Select(page => page.GetProperty("path").GetString()!))
        {
            try
            {
                pages.Add(($"{service} {path}", await read(path)));
            }
            catch (HttpRequestException)
            {
                // A page for another method, or of a check that fails: it shows nothing.
            }
        }

        Assert.Contains(pages, page => page.Where.EndsWith("/metrics", StringComparison.Ordinal));
        return pages;
    }

    /// <summary>The arguments of every process of this machine, which all its users may read.</summary>
    public static IEnumerable<(string Where, string Text)> Arguments()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            string text;
            try
            {
                text = File.ReadAllText(Path.Combine(folder, "cmdline"));
            }
            catch (IOException)
            {
                continue;
            }

            yield return (folder, text);
        }
    }

    public static void AssertNowhere(IReadOnlyCollection<string> secrets, IEnumerable<(string Where, string Text)> places)
    {
        Assert.All(secrets, secret => Assert.True(secret.Length >= 8, "too short to be looked for"));
        var looked = 0;
        foreach (var (where, text) in places)
        {
            looked++;
            foreach (var secret in secrets) Assert.False(text.Contains(secret, StringComparison.OrdinalIgnoreCase), $"{where} has '{secret}'");
        }

        Assert.True(looked > 10);
    }
}
