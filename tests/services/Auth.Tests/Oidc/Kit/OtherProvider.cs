using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using JitsiMesh.Auth.Tests.Kit;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Auth.Tests.Oidc.Kit;

/// <summary>oidc-provider, which others have written, on Node.js.</summary>
internal sealed class OtherProvider : IAsyncDisposable
{
    private static readonly object Accounts = new
    {
        ann = new { name = "Ann Übel", email = "ann@example.org", email_verified = true, picture = "https://example.org/ann.png", groups = new[] { "staff", "hosts", "recorders" }, org = "acme" },
        bob = new { preferred_username = "bob", email = "bob@example.org", email_verified = false, groups = new[] { "staff" }, org = new[] { "other", "more" } },
        eve = new { name = "Eve", groups = "visitors" },
    };

    private readonly Process _process;

    private OtherProvider(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public Uri Issuer => new(FormattableString.Invariant($"http://127.0.0.1:{Port}"));

    /// <param name="port">0 for any.</param>
    /// <param name="pushed">Whether it takes requests over a connection of its own (RFC 9126).</param>
    public static async Task<OtherProvider> StartAsync(int port = 0, bool pushed = false)
    {
        if (port == 0) port = FreePorts.Next();
        var process = Process.Start(new ProcessStartInfo("node", ["provider.mjs", FormattableString.Invariant($"{port}")])
        {
            WorkingDirectory = OtherProviderFactAttribute.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null) ready.TrySetException(new InvalidOperationException("The provider ended before it was ready."));
            else if (line.Data == "ready") ready.TrySetResult();
        };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var client = new
        {
            client_id = OidcHost.ClientId,
            client_secret = OidcHost.ClientSecret,
            token_endpoint_auth_method = "client_secret_post",
            redirect_uris = new[] { OidcHost.PublicUrl + "/oidc/callback" },
            post_logout_redirect_uris = new[] { OidcHost.PublicUrl + "/oidc/logged-out" },
        };
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { clients = new[] { client }, accounts = Accounts, pushed }));
        await process.StandardInput.FlushAsync();
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return new OtherProvider(process, port);
    }

    public async ValueTask DisposeAsync()
    {
        // It ends with its input.
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}

/// <summary>A fact that needs Node.js and what npm installs beside it, skipped aloud without.</summary>
public sealed class OtherProviderFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Reason = new(Prepare);

    public OtherProviderFactAttribute() => Skip = Reason.Value;

    internal static string Folder { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", "OtherProvider"));

    private static string? Prepare() => NodePackage.Prepare(Folder, "oidc-provider");

    private static string Here([CallerFilePath] string path = "") => path;
}
