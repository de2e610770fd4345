using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Settings;

/// <summary>What a declaration says behind its kind: who cannot do without it, that it is an older name, or that nothing acts on it yet.</summary>
internal static class SettingStates
{
    /// <summary>No service that reads it starts without it, each being a process of its own.</summary>
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

    /// <summary>It is checked and shown, and takes effect with a part that is not built yet.</summary>
    /// <param name="setting">The declaration.</param>
    /// <param name="part">The part, as in "takes effect with …".</param>
    /// <param name="when">For which values that is told (<see cref="EffectCondition"/>).</param>
    public static Setting<T> TakesEffectWith<T>(this Setting<T> setting, string part, string when) => Marked(setting, EffectKind.Later, when, NoticeList.Anybody, Later(part));

    /// <summary>Nothing acts on it.</summary>
    /// <param name="setting">The declaration.</param>
    /// <param name="when">For which values that is told.</param>
    /// <param name="text">What does not happen.</param>
    public static Setting<T> WithoutEffect<T>(this Setting<T> setting, string when, string text) => Marked(setting, EffectKind.NoEffect, when, NoticeList.Anybody, text);

    /// <summary>It is acted on but for some values, which carry security and end the start of one service.</summary>
    public static Setting<T> StopsFor<T>(this Setting<T> setting, string when, string service, string text) => Marked(setting, EffectKind.Partly, when, service, text);

    /// <summary>The same for a declaration of any kind, told by the service that says all such things.</summary>
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
