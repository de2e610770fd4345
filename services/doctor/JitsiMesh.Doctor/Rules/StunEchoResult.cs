using System.Net;

namespace JitsiMesh.Doctor.Rules;

/// <summary>What a STUN server outside sees of this machine.</summary>
/// <param name="Server">Who says so.</param>
/// <param name="Local">Our address on the way there.</param>
/// <param name="Mapped">What it sees.</param>
internal sealed record StunEchoResult(string Server, IPAddress Local, IPAddress Mapped);
