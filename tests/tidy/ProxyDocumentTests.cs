namespace JitsiMesh.Tidy.Tests;

/// <summary>What the documentation shows of proxies is what the tests of tests/mesh/Proxies start.</summary>
public sealed class ProxyDocumentTests
{
    [Fact]
    public void Docs_show_the_files_of_deploy_proxies_as_they_are()
    {
        var text = Repository.Read("docs/reverse-proxy.md");
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "deploy", "proxies")).ToList();

        Assert.True(files.Count >= 6, $"{files.Count} files");
        foreach (var file in files) Assert.True(text.Contains("\n" + File.ReadAllText(file) + "```\n", StringComparison.Ordinal), $"docs/reverse-proxy.md shows another {Path.GetFileName(file)}");
    }
}
