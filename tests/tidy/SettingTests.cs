using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests;

/// <summary>A setting that is declared does what its declaration says, or says that it does nothing.</summary>
public sealed partial class SettingTests
{
    private static readonly string[] Services = ["signalling", "focus", "media-bridge", "sip-gateway", "recorder", "auth", "edge-proxy"];

    // Put into config.js, for a feature that does not exist.
    private static readonly string[] ReadWithoutEffect = ["ENABLE_BREAKOUT_ROOMS"];

    // shared/Hosting reads it for the one service that asks auth.
    private static readonly string[] ReadByHosting = ["MESH_AUTH_ADDRESS"];

    private static readonly Dictionary<string, string> SourceOf = Services.ToDictionary(service => service, service => Source($"services/{service}"), StringComparer.Ordinal);

    // Without the settings themselves, which name each and act on none.
    private static readonly string Shared = Source("shared/Hosting", path => !path.Contains("/shared/Hosting/Settings/", StringComparison.Ordinal));

    private static readonly string Everywhere = string.Join('\n', SourceOf.Values.Append(Shared));

    [Fact]
    public void Every_declared_setting_is_read_by_the_services_that_its_declaration_names()
    {
        // That none is overlooked here: env.example lists them all. The bit rates of layers are declared in a loop and go to config.js as they are.
        var listed = ExampleName().Matches(Repository.Read("env.example")).Select(m => m.Groups[1].Value).Where(name => !name.StartsWith("VIDEOQUALITY_BITRATE_", StringComparison.Ordinal));
        Assert.Equal(listed.Order(StringComparer.Ordinal), Declarations.All.Select(d => d.Name).Order(StringComparer.Ordinal));
        var idle = Declarations.All.Where(d => !HasNoEffect(d.Name)).SelectMany(d => d.ReadBy.Where(reader => !IsRead(d, reader)).Select(reader => $"{d.Name} is declared as read by {reader}")).ToList();
        Assert.True(idle.Count == 0, "Read it there, correct its declaration, or say in jitsi-names.txt that it has no effect:\n" + string.Join('\n', idle));
    }

    [Fact]
    public void What_is_said_to_have_no_effect_is_not_read()
    {
        var read = Declarations.All.Where(d => HasNoEffect(d.Name) && !ReadWithoutEffect.Contains(d.Name))
            .SelectMany(d => Services.Where(service => IsRead(d, service)).Select(service => $"{d.Name} is read by {service}")).ToList();
        Assert.True(read.Count == 0, "jitsi-names.txt says that these have no effect:\n" + string.Join('\n', read));
    }

    [Fact]
    public void No_setting_has_the_same_name_twice_and_none_is_read_by_a_service_that_is_not_there()
    {
        Assert.Equal(Declarations.All.Count, Declarations.All.Select(d => d.Name).Distinct(StringComparer.Ordinal).Count());
        foreach (var declaration in Declarations.All)
        {
            Assert.All(declaration.ReadBy, reader => Assert.Contains(reader, Services.Concat(["all", "compose"])));
        }
    }

    private static bool HasNoEffect(string name) => Declarations.Names.TryGetValue(name, out var effect) && effect.Kind is "no-effect" or "stops" or "later";

    private static bool IsRead(Declaration declaration, string reader) => reader switch
    {
        "compose" => Regex.IsMatch(Repository.Read("docker-compose.yml"), $@"\$\{{{declaration.Name}\b"),

        // Read before there are settings.
        "all" when declaration.Name == "MESH_ENV_FILE" => Names(Repository.Read("shared/Hosting/Settings/MeshSettings.cs"), declaration),
        "all" => Names(Everywhere, declaration),

        // Demanded of that service, and proved or asked for by what all services have in common.
        _ when declaration.IsSecret && Regex.IsMatch(Repository.Read("shared/Hosting/Settings/RequiredSecrets.cs"), $@"\[""{reader}""\] = .*\bKnownSettings\.{declaration.Field}\b") =>
            Names(Shared, declaration) || Names(SourceOf[reader], declaration),
        _ when ReadByHosting.Contains(declaration.Name) => Names(Shared, declaration),
        _ => (declaration.InConfigScript && reader == "edge-proxy") || Names(SourceOf[reader], declaration),
    };

    // By its declaration's field, by a property of MeshSettings that reads it, by its name, or by what shared/Hosting does with it for that service alone.
    private static bool Names(string source, Declaration declaration)
    {
        if (declaration.Field is null) return source.Contains($"\"{declaration.Name}\"", StringComparison.Ordinal);
        if (Regex.IsMatch(source, $@"\bKnownSettings\.{declaration.Field}\b")) return true;
        return Properties(declaration.Field).Any(property => Regex.IsMatch(source, $@"\b[sS]ettings!?\??\.{property}\b"));
    }

    // Those that read it themselves, and those that are made of these.
    private static HashSet<string> Properties(string field)
    {
        var text = Repository.Read("shared/Hosting/Settings/MeshSettings.Values.cs");
        var bodies = Property().Matches(text).Select(match => (Name: match.Groups[1].Value, Body: text[match.Index..text.IndexOf(';', match.Index)])).ToList();
        var found = bodies.Where(p => Regex.IsMatch(p.Body, $@"\bKnownSettings\.{field}\b")).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        found.UnionWith(bodies.Where(p => found.Any(name => name != p.Name && Regex.IsMatch(p.Body, $@"(?<![.\w]){name}\b"))).Select(p => p.Name).ToList());
        return found;
    }

    private static string Source(string folder, Func<string, bool>? choose = null) =>
        string.Join('\n', Repository.Files(folder, "*.cs").Where(path => choose?.Invoke(path) ?? true).Select(File.ReadAllText));

    [GeneratedRegex("^#?([A-Z][A-Z0-9_]+)=", RegexOptions.Multiline)]
    private static partial Regex ExampleName();

    [GeneratedRegex(@"^    public [^=\n]* (\w+)(?:\([^)]*\))?\s*=>", RegexOptions.Multiline)]
    private static partial Regex Property();
}
