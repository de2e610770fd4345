using JitsiMesh.SipGateway;
using JitsiMesh.Hosting;

return await MeshHost.RunAsync("sip-gateway", args, builder => builder.AddSipGateway(), app => app.MapSipGateway());
