using JitsiMesh.AllInOne;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Commands;

if (args.Contains("--health")) return await MeshHost.CheckHealthAsync();
if (SettingsCommand.Handles(args)) return SettingsCommand.Run(args, MeshNode.AllInOneName, Console.Out, Console.Error);

return await MeshHost.GuardAsync(async () =>
{
    await using var application = await AllInOneApplication.CreateAsync(MeshSettings.FromEnvironment(), args);
    await application.StartAsync();
    if (application.XmppTcp is { } tcp) Console.WriteLine("XMPP over TCP: " + tcp);
    Console.WriteLine("Ready: " + application.Url);
    await application.WaitForShutdownAsync();
});
