using JitsiMesh.Recorder;
using JitsiMesh.Hosting;

return await MeshHost.RunAsync("recorder", args, builder => builder.AddRecorder(), app => app.MapRecorder());
