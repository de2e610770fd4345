using System.CommandLine;
using JitsiMesh.Auth;
using JitsiMesh.Auth.Commands;
using JitsiMesh.Auth.Ldap;
using JitsiMesh.Auth.Tokens;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;

// Commands about logins run beside the service, with its settings.
if (AuthCommands.Handles(args)) return await AuthCommands.RunAsync(args);
if (LdapCommand.Handles(args)) return await LdapCommand.RunAsync(args);
if (args is ["token", ..]) return await new RootCommand { TokenCommand.Create(MeshSettings.FromEnvironment, TimeProvider.System, Console.In, Console.Out, Console.Error) }.Parse(args).InvokeAsync();
return await MeshHost.RunAsync("auth", args, builder => builder.AddAuth(), app => app.MapAuth());
