using System.Net;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Hosting;

/// <summary>The main program of a service.</summary>
public static class MeshHost
{
    /// <summary>Builds and runs the service. Settings that prevent the start are printed as one line each, and the exit code is 1, without a stack trace.</summary>
    public static async Task<int> RunAsync(string serviceName, string[] args, Action<IHostApplicationBuilder> add, Action<IEndpointRouteBuilder> map)
    {
        ArgumentNullException.ThrowIfNull(add);
        ArgumentNullException.ThrowIfNull(map);
        if (args.Contains("--health")) return await CheckHealthAsync();
        if (SettingsCommand.Handles(args)) return SettingsCommand.Run(args, serviceName, Console.Out, Console.Error);
        return await GuardAsync(async () =>
        {
            var settings = MeshSettings.FromEnvironment(serviceName);
            RequiredSecrets.Demand(serviceName, settings);
            var builder = CreateBuilder(args);
            builder.AddMeshDefaults(serviceName, settings);
            add(builder);
            await using var app = builder.Build();
            app.MapMeshDefaults();
            map(app);
            await app.RunAsync();
        });
    }

    /// <summary>Queries the process that runs in the same container, for the container's health check: images need no additional program for it.</summary>
    /// <returns>0 when it is ready.</returns>
    public static async Task<int> CheckHealthAsync()
    {
        try
        {
            var port = MeshSettings.ReadEnvironment().InnerPort(KnownSettings.MeshHttpPort);
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(4) };
            using var answer = await http.GetAsync(new Uri(FormattableString.Invariant($"http://{Reachable(port)}/health")));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or SettingsException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    // A port on every address answers on loopback too.
    private static IPEndPoint Reachable(BindPort port) =>
        new(port.Address is null || port.Address.Equals(IPAddress.Any) || port.Address.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : port.Address, port.Port);

    /// <summary>Runs a program; errors that an operator can fix are printed as one line each, and the exit code is 1.</summary>
    public static async Task<int> GuardAsync(Func<Task> program)
    {
        ArgumentNullException.ThrowIfNull(program);
        try
        {
            await program();

            // A component that stops the process because of a fault sets the exit code there.
            return Environment.ExitCode;
        }
        catch (SettingsException refusal)
        {
            foreach (var problem in refusal.Problems) await Console.Error.WriteLineAsync("FATAL: " + problem);
            return 1;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"FATAL: {e.Message.TrimEnd('.')}; is another copy running? (HTTP_PORT, HTTPS_PORT, MESH_HTTP_PORT, MESH_GRPC_PORT and MESH_XMPP_TCP choose other ports)");
            return 1;
        }
    }

    /// <summary>A web application builder whose only configuration is the settings: no appsettings.json, no other source of URLs.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        return builder;
    }
}
