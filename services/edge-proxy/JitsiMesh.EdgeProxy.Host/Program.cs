using JitsiMesh.EdgeProxy;
using JitsiMesh.Hosting;

return await MeshHost.RunAsync("edge-proxy", args, builder => builder.AddEdgeProxy(), app => app.MapEdgeProxy());
