using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Reading;

namespace JitsiMesh.Hosting.Tests.Settings;

/// <summary>Settings of a <c>.env</c> file in a folder of its own.</summary>
internal static class MeshSettingsFile
{
    public static MeshSettings Read(string text, params (string Name, string Value)[] environment)
    {
        var folder = Directory.CreateTempSubdirectory("mesh-settings");
        try
        {
            var path = Path.Combine(folder.FullName, "test.env");
            File.WriteAllText(path, text);
            return SettingsReader.Read(SettingTexts.Of(path, environment.ToDictionary(e => e.Name, e => (string?)e.Value, StringComparer.Ordinal)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
