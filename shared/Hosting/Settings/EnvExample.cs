using System.Text;

namespace JitsiMesh.Hosting.Settings;

/// <summary>The text of <c>env.example</c>: every setting with its meaning, commented out at its default.</summary>
public static class EnvExample
{
    // The settings that an operator must look at; the others may stay as they are.
    private static readonly string[] First = ["CONFIG", "HTTP_PORT", "HTTPS_PORT", "TZ", "PUBLIC_URL", "JVB_ADVERTISE_IPS"];

    public static string Render()
    {
        var text = new StringBuilder();
        text.Append("# Settings of JitsiMesh. cp env.example .env, then ./gen-passwords.sh. An empty value means the default.\n");
        text.Append("# Lists are comma separated; booleans are 1, 0, true, false, yes, no, on, off; a secret may come from the file that NAME_FILE names.\n");
        text.Append("\n# Look at these\n");
        foreach (var name in First) Append(text, KnownSettings.All[name], name == "CONFIG" ? "CONFIG=~/.jitsi-meet-cfg" : null);
        text.Append("\n# Secrets; ./gen-passwords.sh fills them in\n");
        foreach (var setting in Services().Where(s => s.ProvesService)) Append(text, setting, setting.Name + "=");
        text.Append("\n# Services\n");
        foreach (var setting in Services().Where(s => !First.Contains(s.Name) && !s.ProvesService && !s.HasNoEffectYet)) Append(text, setting);
        text.Append("\n# The web client (config.js)\n");
        foreach (var client in ClientSettings.All.Where(c => !c.Setting.HasNoEffectYet)) Append(text, client.Setting);
        text.Append("\n# No effect yet: a warning says so when one is set, and what carries security stops the start\n");
        foreach (var setting in KnownSettings.All.Values.Where(s => s.HasNoEffectYet)) Append(text, setting);
        return text.ToString();
    }

    private static IEnumerable<Setting> Services() => KnownSettings.All.Values.Except(ClientSettings.All.Select(c => c.Setting));

    private static void Append(StringBuilder text, Setting setting, string? line = null) =>
        text.Append("# ").Append(setting.Description).Append(setting.HasNoEffectYet ? "; no effect yet" : "").Append(" (").Append(setting.ReadBy).Append(")\n").Append(line ?? $"#{setting.Name}={setting.DefaultText}").Append('\n');
}
