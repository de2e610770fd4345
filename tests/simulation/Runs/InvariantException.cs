namespace JitsiMesh.Simulation.Tests.Runs;

/// <summary>Something that must never be so.</summary>
public sealed class InvariantException(string message) : Exception(message);
