using System.Text;

namespace JitsiMesh.Hosting.Certificates;

/// <summary>Writes files with keys: readable only by their owner, and never partially written, even if the process or the machine crashes.</summary>
public static class PrivateFile
{
    /// <exception cref="IOException">The file cannot be written; its previous content remains.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static void Write(string path, string text)
    {
        // Processes that share the folder may have the same id, each in its container.
        var draft = $"{path}.{Path.GetRandomFileName()}.new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var file = new FileStream(draft, options))
            {
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(draft);
            throw;
        }
    }
}
