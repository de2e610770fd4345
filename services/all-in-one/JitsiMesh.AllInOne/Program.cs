using JitsiMesh.AllInOne;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;

if (args.Contains("--health")) return await MeshHost.CheckHealthAsync();

return await MeshHost.GuardAsync(async () =>
{
    await using var application = await AllInOneApplication.CreateAsync(MeshSettings.FromEnvironment(), args);
    await application.StartAsync();
    Console.WriteLine("Ready: " + application.Url);
    await application.WaitForShutdownAsync();
});
