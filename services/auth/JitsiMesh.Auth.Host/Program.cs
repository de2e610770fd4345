using JitsiMesh.Auth;
using JitsiMesh.Auth.Commands;
using JitsiMesh.Hosting;

// Commands about accounts run beside the service, over its database.
if (AuthCommands.Handles(args)) return await AuthCommands.RunAsync(args);

return await MeshHost.RunAsync("auth", args, builder => builder.AddAuth(), app => app.MapAuth());
