using System.Text;

namespace JitsiMesh.Headless.Streams;

/// <summary>An account for a client's login. Its ToString prints nothing.</summary>
/// <param name="Username">The local part of the JID.</param>
/// <param name="Password">Its password.</param>
public sealed record ClientLogin(string Username, string Password)
{
    /// <summary>The message of SASL PLAIN (RFC 4616), encoded.</summary>
    internal string Plain => Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{Username}\0{Password}"));

    public override string ToString() => "login";
}
