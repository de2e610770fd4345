using JitsiMesh.Auth;
using JitsiMesh.Hosting;

return await MeshHost.RunAsync("auth", args, builder => builder.AddAuth(), app => app.MapAuth());
