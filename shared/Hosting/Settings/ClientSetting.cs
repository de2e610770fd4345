using System.Text.Json;
using System.Text.Json.Nodes;

namespace JitsiMesh.Hosting.Settings;

/// <summary>When a client setting appears in config.js.</summary>
public enum ClientSettingRule
{
    /// <summary>With its default when unset.</summary>
    Always,

    /// <summary>Only when the operator gave a value.</summary>
    WhenSet,

    /// <summary>Only when it differs from its default: the client knows the default itself.</summary>
    WhenChanged,

    /// <summary>Never by itself: it takes part in other keys.</summary>
    Elsewhere,
}

/// <summary>A setting that is handed to the web client.</summary>
/// <param name="Setting">Its declaration.</param>
/// <param name="Path">Where in config.js, for instance <c>p2p.enabled</c>.</param>
/// <param name="Rule">When it appears there.</param>
/// <param name="Value">The value in config.js.</param>
public sealed record ClientSetting(Setting Setting, string Path, ClientSettingRule Rule, Func<MeshSettings, JsonNode?> Value)
{
    /// <inheritdoc cref="SettingStates.RenamedTo"/>
    internal ClientSetting RenamedTo(string successor)
    {
        Setting.Successor = successor;
        return this;
    }

    /// <inheritdoc cref="SettingStates.TakesEffectWith"/>
    internal ClientSetting TakesEffectWith(string part, string when)
    {
        SettingStates.Mark(Setting, Effects.EffectKind.Later, when, SettingStates.Later(part));
        return this;
    }

    /// <inheritdoc cref="SettingStates.WithoutEffect"/>
    internal ClientSetting WithoutEffect(string when, string text)
    {
        SettingStates.Mark(Setting, Effects.EffectKind.NoEffect, when, text);
        return this;
    }

    internal static bool TryParseJson(string text, out string json)
    {
        json = "";
        try
        {
            // Lists of the old tables come in JavaScript's quotes too: ['en'].
            using var document = JsonDocument.Parse(text.Contains('"', StringComparison.Ordinal) ? text : text.Replace('\'', '"'));
            json = document.RootElement.GetRawText();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
