using System.Diagnostics;

namespace JitsiMesh.Tidy.Tests.Containers;

/// <summary>A folder that goes away, in which a script of the tree runs with its own search path.</summary>
internal sealed class Shell : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public string Folder { get; } = Directory.CreateTempSubdirectory("jitsimesh-").FullName;

    public string Bin => Path.Combine(Folder, "bin");

    /// <summary>Copies files of the tree to the same places below the folder.</summary>
    public Shell With(params string[] files)
    {
        foreach (var file in files)
        {
            var target = Path.Combine(Folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(Repository.Root, file), target);
        }

        return this;
    }

    /// <summary>A command that stands before the machine's own.</summary>
    public void Command(string name, string script)
    {
        Directory.CreateDirectory(Bin);
        var path = Path.Combine(Bin, name);
        File.WriteAllText(path, "#!/bin/bash\n" + script + "\n");
        Run("chmod", "755", path);
    }

    public string At(string relative) => Path.Combine(Folder, relative);

    /// <summary>A file's rights in octal digits.</summary>
    public string Mode(string relative) => Run("stat", "-c", "%a", At(relative)).Output.Trim();

    public string Read(string relative) => File.ReadAllText(At(relative));

    public void Write(string relative, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(relative))!);
        File.WriteAllText(At(relative), text);
    }

    /// <summary>Runs a program in the folder. What it reads is empty; what it prints on both outputs comes back.</summary>
    public (int Code, string Output) Run(string program, params string[] arguments) => Run(new Dictionary<string, string>(), program, arguments);

    public (int Code, string Output) Run(IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["PATH"] = Bin + ":" + Environment.GetEnvironmentVariable("PATH");
        start.Environment["HOME"] = Folder;
        foreach (var name in new[] { "CONFIG", "MESH_ENV_FILE", "MESH_ROOT", "MESH_HTTP_PORT", "MESH_LISTEN_ADDRESS", "MESH_ACCOUNTS_DATABASE" }) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} has not ended within {Limit}");
        }

        return (process.ExitCode, output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
