using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests.Containers;

/// <summary>The Dockerfiles: every program is compiled in one build stage, which all of them share.</summary>
public sealed partial class ImageTests
{
    private static readonly Dictionary<string, string> Dockerfiles =
        Repository.Files("services", "Dockerfile").ToDictionary(path => Path.GetFileName(Path.GetDirectoryName(path))!, path => File.ReadAllText(path).ReplaceLineEndings("\n"), StringComparer.Ordinal);

    /// <summary>A builder knows a stage again by its text: where they differ, "docker compose build" compiles everything once more for that image.</summary>
    [Fact]
    public void All_images_have_the_same_build_stage()
    {
        var stages = Dockerfiles.Select(file => (file.Key, Stage: BuildStage().Match(file.Value).Value)).ToList();
        Assert.All(stages, one => Assert.True(one.Stage.Length > 0 && one.Stage == stages[0].Stage, $"services/{one.Key}/Dockerfile builds otherwise than services/{stages[0].Key}/Dockerfile"));

        // What compiles into a program is there, and no more: the web client's sources have a stage of their own.
        var copied = CopiedService().Matches(stages[0].Stage).Select(m => m.Groups[1].Value);
        Assert.Equal(Dockerfiles.Keys.Order(StringComparer.Ordinal), copied.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_image_holds_the_programs_of_its_service()
    {
        foreach (var (service, text) in Dockerfiles)
        {
            var taken = TakenFolder().Matches(text).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal);
            Assert.Equal(service == "doctor" ? ["auth", "doctor", "signalling"] : [service], taken);
        }
    }

    [GeneratedRegex(@"^FROM \S+ \$\{SDK_IMAGE\} AS build\n(?:.+\n)*", RegexOptions.Multiline)]
    private static partial Regex BuildStage();

    [GeneratedRegex(@"^COPY services/([a-z-]+)/ services/\1/$", RegexOptions.Multiline)]
    private static partial Regex CopiedService();

    [GeneratedRegex(@"^COPY --from=build /app/([a-z-]+) \S+$", RegexOptions.Multiline)]
    private static partial Regex TakenFolder();
}
