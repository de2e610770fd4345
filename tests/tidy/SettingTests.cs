using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests;

/// <summary>A setting that is declared does what its declaration says, or says that it does nothing.</summary>
public sealed partial class SettingTests
{
    private static readonly string[] Services = ["signalling", "focus", "media-bridge", "sip-gateway", "recorder", "auth", "edge-proxy"];

    // shared/Hosting reads them: for the one service that asks auth, for the two that share a secret, for the files of logs, and for the memory of a process.
    private static readonly string[] ReadByHosting =
    [
        "MESH_AUTH_ADDRESS", "MESH_TURN_SECRET", "JVB_LOG_FILE", "JICOFO_LOG_FILE", "JIGASI_LOG_FILE",
        "JICOFO_MAX_MEMORY", "VIDEOBRIDGE_MAX_MEMORY", "MESH_SIGNALLING_MAX_MEMORY", "MESH_AUTH_MAX_MEMORY", "MESH_EDGE_MAX_MEMORY",
    ];

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
        var idle = Declarations.All.Where(d => !d.HasNoEffect).SelectMany(d => d.ReadBy.Where(reader => !IsRead(d, reader)).Select(reader => $"{d.Name} is declared as read by {reader}")).ToList();
        Assert.True(idle.Count == 0, "Read it there, correct its declaration, or say behind it that it has no effect:\n" + string.Join('\n', idle));
    }

    [Fact]
    public void What_is_said_to_have_no_effect_is_not_read()
    {
        var read = Declarations.All.Where(d => d.HasNoEffect)
            .SelectMany(d => Services.Where(service => IsRead(d, service)).Select(service => $"{d.Name} is read by {service}")).ToList();
        Assert.True(read.Count == 0, "Their declarations say that these have no effect:\n" + string.Join('\n', read));
    }

    [Fact]
    public void What_is_declared_stands_in_no_list_beside_its_declaration()
    {
        Assert.DoesNotContain(Declarations.All.Select(d => d.Name), Declarations.Names.ContainsKey);

        // What gen-passwords.sh makes are the secrets with which services prove themselves, those of broker and store among them.
        var made = Regex.Match(Repository.Read("gen-passwords.sh"), "^for name in (.*); do$", RegexOptions.Multiline).Groups[1].Value.Split(' ');
        Assert.Equal(Declarations.All.Where(d => d.IsProof).Select(d => d.Name).Order(StringComparer.Ordinal), made.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_default_that_compose_needs_too_is_the_declared_one()
    {
        var compose = Repository.Read("docker-compose.yml");
        var example = ExampleLine().Matches(Repository.Read("env.example")).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value, StringComparer.Ordinal);
        var used = ComposeDefault().Matches(compose).Select(m => (Name: m.Groups[1].Value, Default: m.Groups[2].Value)).Where(u => u.Name != "MESH_ENV_FILE" && example.ContainsKey(u.Name)).Distinct().ToList();
        Assert.True(used.Count >= 4, $"{used.Count} defaults");
        Assert.All(used, u => Assert.Equal((u.Name, example[u.Name]), u));
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

    private static bool IsRead(Declaration declaration, string reader) => reader switch
    {
        "compose" => Regex.IsMatch(string.Join('\n', Compose.Overlays.Append("docker-compose").Append("ipv6").Select(name => Repository.Read(name + ".yml"))), $@"\$\{{{declaration.Name}\b"),

        // Read before there are settings.
        "all" when declaration.Name == "MESH_ENV_FILE" => Names(Repository.Read("shared/Hosting/Settings/SettingTexts.cs"), declaration),
        "all" => Names(Everywhere, declaration),

        // Demanded of the services that read it, and proved or asked for by what all services have in common.
        _ when declaration.State == "Demanded" =>
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

    [GeneratedRegex("^#?([A-Z][A-Z0-9_]+)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex ExampleLine();

    [GeneratedRegex(@"\$\{([A-Z_0-9]+):-([^}]*)\}")]
    private static partial Regex ComposeDefault();

    [GeneratedRegex(@"^    public [^=\n]* (\w+)(?:\([^)]*\))?\s*=>", RegexOptions.Multiline)]
    private static partial Regex Property();
}
