using System.Diagnostics.CodeAnalysis;

namespace JitsiMesh.Hosting.Settings.Effects;

/// <summary>
/// The values of a name for which its line in <c>jitsi-names.txt</c> applies: <c>set</c>, <c>on</c>, <c>off</c>, <c>not VALUE,VALUE</c>, <c>modules</c>, <c>unbuilt</c> or
/// <c>lines</c>, followed by <c>given NAME</c>, <c>given-off NAME</c> or <c>unless NAME</c> for the value of another name.
/// </summary>
public sealed class EffectCondition
{
    private readonly string _test;
    private readonly string[] _values;
    private readonly string? _relation;
    private readonly string? _other;

    private EffectCondition(string test, string[] values, string? relation, string? other)
    {
        _test = test;
        _values = values;
        _relation = relation;
        _other = other;
    }

    /// <summary>Whether the value is looked through for modules of Prosody (<see cref="ProsodyModules"/>).</summary>
    public bool NamesModules => _test is "modules" or "unbuilt" or "lines";

    /// <summary>The other name in the condition, or null.</summary>
    public string? OtherName => _other;

    public static bool TryParse(string text, [NotNullWhen(true)] out EffectCondition? condition)
    {
        condition = null;
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0] is not ("set" or "on" or "off" or "not" or "modules" or "unbuilt" or "lines")) return false;
        var used = words[0] == "not" ? 2 : 1;
        if (words.Length < used) return false;
        string[] values = words[0] == "not" ? words[1].Split(',') : [];
        if (words.Length == used)
        {
            condition = new EffectCondition(words[0], values, null, null);
            return true;
        }

        if (words.Length != used + 2 || words[used] is not ("given" or "given-off" or "unless")) return false;
        condition = new EffectCondition(words[0], values, words[used], words[used + 1]);
        return true;
    }

    /// <param name="value">The name's own value, not empty.</param>
    /// <param name="valueOf">The value of another name, or null where it is unset.</param>
    public bool Holds(string value, Func<string, string?> valueOf)
    {
        var holds = _test switch
        {
            "set" => true,
            "on" => !IsOff(value),
            "off" => IsOff(value),
            "not" => !_values.Contains(value, StringComparer.OrdinalIgnoreCase),
            "modules" or "unbuilt" or "lines" => Modules(value, valueOf).Count > 0,
            _ => false,
        };
        return holds && _relation switch
        {
            "given" => valueOf(_other!) is { } given && !IsOff(given),
            "given-off" => valueOf(_other!) is { } off && IsOff(off),
            "unless" => valueOf(_other!) is not { } unless || !IsOff(unless),
            _ => true,
        };
    }

    /// <summary>The modules in a value to which the line applies.</summary>
    public IReadOnlyList<string> Modules(string value, Func<string, string?> valueOf) => _test switch
    {
        "unbuilt" => ProsodyModules.Unbuilt(value, valueOf),
        "lines" => ProsodyModules.Named(ProsodyConfiguration.Unknown(value)),
        _ => ProsodyModules.Named(value),
    };

    /// <summary>Whether settings of JitsiMesh cover everything that a value names.</summary>
    public bool IsAllMapped(string value, Func<string, string?> valueOf) => _test switch
    {
        "unbuilt" => ProsodyModules.AreMapped(value, valueOf),
        "lines" => ProsodyModules.All(ProsodyConfiguration.Unknown(value)).Count == 0,
        _ => false,
    };

    // Jitsi's templates read any other text as true: everything except a plain off value is on.
    private static bool IsOff(string value) => value.ToUpperInvariant() is "0" or "F" or "FALSE" or "NO" or "OFF";
}
