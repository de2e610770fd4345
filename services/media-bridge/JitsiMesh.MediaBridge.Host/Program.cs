using JitsiMesh.Hosting;
using JitsiMesh.MediaBridge;

return await MeshHost.RunAsync("media-bridge", args, builder => builder.AddMediaBridge(), routes => routes.MapMediaBridge());
