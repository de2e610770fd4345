using JitsiMesh.Primitives;

namespace JitsiMesh.Headless.Media;

/// <summary>A datagram that an endpoint sends.</summary>
public readonly record struct Datagram(TransportAddress Source, TransportAddress Destination, ReadOnlyMemory<byte> Bytes);
