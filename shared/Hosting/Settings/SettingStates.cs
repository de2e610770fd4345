using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Additional properties of a declaration: the services that require it, that it is an older name, or that it has no effect yet.</summary>
internal static class SettingStates
{
    /// <summary>Every service that reads it requires it to start as a separate process.</summary>
    public static Setting<T> Demanded<T>(this Setting<T> setting)
    {
        setting.IsDemanded = true;
        return setting;
    }

    /// <summary>An older name, read where today's is unset.</summary>
    public static Setting<T> RenamedTo<T>(this Setting<T> setting, string successor)
    {
        setting.Successor = successor;
        return setting;
    }

    /// <summary>It is validated and shown, and will take effect with a part that does not exist yet.</summary>
    /// <param name="setting">The declaration.</param>
    /// <param name="part">The part, as in "takes effect with …".</param>
    /// <param name="when">The values for which that is reported (<see cref="EffectCondition"/>).</param>
    public static Setting<T> TakesEffectWith<T>(this Setting<T> setting, string part, string when) => Marked(setting, EffectKind.Later, when, NoticeList.Anybody, Later(part));

    /// <summary>It has no effect.</summary>
    /// <param name="setting">The declaration.</param>
    /// <param name="when">The values for which that is reported.</param>
    /// <param name="text">The missing effect.</param>
    public static Setting<T> WithoutEffect<T>(this Setting<T> setting, string when, string text) => Marked(setting, EffectKind.NoEffect, when, NoticeList.Anybody, text);

    /// <summary>It is acted on but for some values, which carry security and end the start of one service.</summary>
    public static Setting<T> StopsFor<T>(this Setting<T> setting, string when, string service, string text) => Marked(setting, EffectKind.Partly, when, service, text);

    /// <summary>The same for a declaration of any kind, reported by the service that reports all such names.</summary>
    public static void Mark(Setting setting, EffectKind kind, string when, string text) => Put(setting, kind, when, NoticeList.Anybody, text);

    public static string Later(string part) => $"takes effect with {part}, of which this version has none";

    private static Setting<T> Marked<T>(Setting<T> setting, EffectKind kind, string when, string service, string text)
    {
        Put(setting, kind, when, service, text);
        return setting;
    }

    private static void Put(Setting setting, EffectKind kind, string when, string service, string text)
    {
        if (!EffectCondition.TryParse(when, out var condition)) throw new ArgumentException($"{setting.Name}: '{when}' is no condition", nameof(when));
        setting.Effect = new NamedEffect(setting.Name, kind, condition, service, text);
    }
}
