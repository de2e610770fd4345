using JitsiMesh.Auth;
using JitsiMesh.Auth.Ldap;
using JitsiMesh.Hosting;

if (LdapCommand.Handles(args)) return await LdapCommand.RunAsync(args);
return await MeshHost.RunAsync("auth", args, builder => builder.AddAuth(), app => app.MapAuth());
