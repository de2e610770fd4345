using System.CommandLine;
using JitsiMesh.Auth;
using JitsiMesh.Auth.Commands;
using JitsiMesh.Auth.Ldap;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;

// Account commands run in their own process beside the service, with its settings.
if (AuthCommands.Handles(args)) return await AuthCommands.RunAsync(args);
if (LdapCommand.Handles(args)) return await LdapCommand.RunAsync(args);
if (args is ["token", ..]) return await new RootCommand { AuthCommands.Tokens(() => MeshSettings.FromEnvironment("auth"), Console.In, Console.Out, Console.Error) }.Parse(args).InvokeAsync();
return await MeshHost.RunAsync("auth", args, builder => builder.AddAuth(), app => app.MapAuth());
