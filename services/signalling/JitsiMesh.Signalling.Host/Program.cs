using JitsiMesh.Hosting;
using JitsiMesh.Signalling;
using JitsiMesh.Signalling.Webhooks;

// A trial of the settings of webhooks, which runs beside the service.
if (WebhookCommand.Handles(args)) return await WebhookCommand.RunAsync(args);
return await MeshHost.RunAsync("signalling", args, builder => builder.AddSignalling(), routes => routes.MapSignalling());
