using JitsiMesh.Focus;
using JitsiMesh.Hosting;

return await MeshHost.RunAsync("focus", args, builder => builder.AddFocus(), routes => routes.MapFocus());
