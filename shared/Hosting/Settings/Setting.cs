using System.Diagnostics.CodeAnalysis;
using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Settings;

/// <summary>One environment variable for operators: its name, its valid values, and its meaning.</summary>
public abstract class Setting
{
    private protected Setting(string name, string description, string readBy, string expected, bool secret, bool provesService)
    {
        Name = name;
        Description = description;
        ReadBy = readBy;
        Expected = expected;
        IsSecret = secret;
        ProvesService = provesService;
    }

    public string Name { get; }

    public string Description { get; }

    /// <summary>The services that act on it, comma separated; <c>all</c> for every one.</summary>
    public string ReadBy { get; }

    /// <summary>The required form of a value, as the end of the sentence "'x' is not …".</summary>
    public string Expected { get; }

    /// <summary>Never printed, never in config.js, and may come from the file that <c>NAME_FILE</c> names.</summary>
    public bool IsSecret { get; }

    /// <summary>A secret by which services identify each other: a weak one prevents only the start of services that need it (<see cref="RequiredSecrets"/>).</summary>
    public bool ProvesService { get; }

    /// <summary>Every service of <see cref="ReadBy"/> needs it to run as a separate process (<see cref="RequiredSecrets"/>).</summary>
    public bool IsDemanded { get; internal set; }

    /// <summary>Today's name, where this one is an older one that is still honoured.</summary>
    public string? Successor { get; internal set; }

    /// <summary>The missing effect if the setting, or some of its values, has no effect; null if it has its effect.</summary>
    public NamedEffect? Effect { get; internal set; }

    /// <summary>Whether the setting has no effect in this version.</summary>
    public bool HasNoEffectYet => Effect is { Kind: EffectKind.NoEffect or EffectKind.Stops or EffectKind.Later };

    /// <summary>The default as an operator would write it; empty when the default is "unset".</summary>
    public abstract string DefaultText { get; }

    internal abstract bool TryParse(string text, [NotNullWhen(true)] out object? value);

    public override string ToString() => Name;
}

/// <inheritdoc cref="Setting"/>
public sealed class Setting<T> : Setting
{
    private readonly SettingParser<T> _parse;

    internal Setting(string name, SettingParser<T> parse, T defaultValue, string defaultText, string expected, string description, string readBy, bool secret = false, bool provesService = false)
        : base(name, description, readBy, expected, secret, provesService)
    {
        _parse = parse;
        Default = defaultValue;
        DefaultText = defaultText;
    }

    public T Default { get; }

    public override string DefaultText { get; }

    internal override bool TryParse(string text, [NotNullWhen(true)] out object? value)
    {
        if (_parse(text, out var typed) && typed is not null)
        {
            value = typed;
            return true;
        }

        value = null;
        return false;
    }
}

internal delegate bool SettingParser<T>(string text, [MaybeNullWhen(false)] out T value);
