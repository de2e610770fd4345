using JitsiMesh.Hosting;
using JitsiMesh.Signalling;

return await MeshHost.RunAsync("signalling", args, builder => builder.AddSignalling(), routes => routes.MapSignalling());
