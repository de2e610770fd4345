using JitsiMesh.Primitives;

namespace JitsiMesh.Headless.Media;

/// <summary>A datagram that an endpoint wants sent.</summary>
public readonly record struct Datagram(TransportAddress Source, TransportAddress Destination, ReadOnlyMemory<byte> Bytes);
