using System.CommandLine;
using JitsiMesh.Auth;
using JitsiMesh.Auth.Commands;
using JitsiMesh.Auth.Tokens;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;

if (args is ["token", ..]) return await new RootCommand { TokenCommand.Create(MeshSettings.FromEnvironment, TimeProvider.System, Console.In, Console.Out, Console.Error) }.Parse(args).InvokeAsync();

// Commands about accounts run beside the service, over its database.
if (AuthCommands.Handles(args)) return await AuthCommands.RunAsync(args);

return await MeshHost.RunAsync("auth", args, builder => builder.AddAuth(), app => app.MapAuth());
