using JitsiMesh.Auth;
using JitsiMesh.Auth.Commands;
using JitsiMesh.Auth.Ldap;
using JitsiMesh.Hosting;

// Commands about logins run beside the service, with its settings.
if (AuthCommands.Handles(args)) return await AuthCommands.RunAsync(args);
if (LdapCommand.Handles(args)) return await LdapCommand.RunAsync(args);
return await MeshHost.RunAsync("auth", args, builder => builder.AddAuth(), app => app.MapAuth());
