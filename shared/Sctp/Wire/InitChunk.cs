using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp.Wire;

/// <summary>
/// INIT and INIT ACK.
/// <code>
///  type = 1 or 2 | flags | length
///  initiate tag (32)
///  a_rwnd (32)
///  outbound streams (16) | inbound streams (16)
///  initial TSN (32)
///  parameters ...                                       RFC 9260 sections 3.3.2 and 3.3.3
/// </code>
/// </summary>
internal sealed record InitChunk
{
    internal const ushort StateCookieParameter = 7;
    internal const ushort UnrecognizedParameter = 8;
    internal const ushort SupportedExtensionsParameter = 0x8008;
    internal const ushort ForwardTsnSupportedParameter = 0xC000;

    internal uint InitiateTag { get; init; }

    internal uint ReceiverWindow { get; init; }

    internal ushort OutboundStreams { get; init; }

    internal ushort InboundStreams { get; init; }

    internal uint InitialTsn { get; init; }

    internal bool SupportsForwardTsn { get; init; }

    internal bool SupportsReconfig { get; init; }

    internal byte[]? StateCookie { get; init; }

    /// <summary>Complete parameters with their headers: those to report back, or those that the peer reports.</summary>
    internal IReadOnlyList<byte[]> Unrecognized { get; init; } = [];

    internal static bool TryParse(TypedValue chunk, out InitChunk init)
    {
        init = null!;
        var reader = new SpanReader(chunk.Value);
        var result = new InitChunk
        {
            InitiateTag = reader.ReadUInt32(),
            ReceiverWindow = reader.ReadUInt32(),
            OutboundStreams = reader.ReadUInt16(),
            InboundStreams = reader.ReadUInt16(),
            InitialTsn = reader.ReadUInt32(),
        };
        if (reader.Failed) return false;
        var forwardTsn = false;
        var reconfig = false;
        byte[]? cookie = null;
        var unrecognized = new List<byte[]>();
        var parameters = new ChunkReader(chunk.Value[16..]);
        while (parameters.TryRead(out var parameter))
        {
            switch (parameter.ParameterType)
            {
                case StateCookieParameter:
                    cookie = parameter.Value.ToArray();
                    break;
                case ForwardTsnSupportedParameter:
                    forwardTsn = true;
                    break;
                case SupportedExtensionsParameter:
                    // RFC 5061 section 4.2.7: one octet for each chunk type.
                    forwardTsn |= parameter.Value.Contains((byte)ChunkType.ForwardTsn);
                    reconfig |= parameter.Value.Contains((byte)ChunkType.Reconfig);
                    break;
                case UnrecognizedParameter when chunk.ChunkType == ChunkType.InitAck:
                case 5 or 6 or 9 or 12:
                    // Addresses and related parameters: inside DTLS SCTP does not manage the path (RFC 8261 section 5).
                    break;
                default:
                    // RFC 9260 section 3.2.1: the highest bit means continue, the next one means report.
                    if ((parameter.ParameterType & 0x4000) != 0 && unrecognized.Count < SctpLimits.MaxReportedParameters)
                        unrecognized.Add(parameter.Whole.ToArray());
                    if ((parameter.ParameterType & 0x8000) == 0) goto Done;
                    break;
            }
        }

    Done:
        if (parameters.Failed) return false;
        init = result with { SupportsForwardTsn = forwardTsn, SupportsReconfig = reconfig, StateCookie = cookie, Unrecognized = unrecognized };
        return true;
    }

    internal byte[] Format(ChunkType type)
    {
        var parameters = new List<byte[]>();
        if (StateCookie is not null) parameters.Add(ChunkWriter.Parameter(StateCookieParameter, StateCookie));
        if (SupportsForwardTsn) parameters.Add(ChunkWriter.Parameter(ForwardTsnSupportedParameter, []));
        byte[] extensions = (SupportsReconfig, SupportsForwardTsn) switch
        {
            (true, true) => [(byte)ChunkType.Reconfig, (byte)ChunkType.ForwardTsn],
            (true, false) => [(byte)ChunkType.Reconfig],
            (false, true) => [(byte)ChunkType.ForwardTsn],
            _ => [],
        };
        if (extensions.Length > 0) parameters.Add(ChunkWriter.Parameter(SupportedExtensionsParameter, extensions));
        foreach (var parameter in Unrecognized) parameters.Add(ChunkWriter.Parameter(UnrecognizedParameter, parameter));

        // The chunk's length includes the padding of every parameter but the last.
        var length = 16 + parameters.Sum(p => p.Length);
        if (parameters.Count > 0) length -= parameters[^1].Length - LengthOf(parameters[^1]);
        var value = new byte[16 + parameters.Sum(p => p.Length)];
        var writer = new SpanWriter(value);
        writer.WriteUInt32(InitiateTag);
        writer.WriteUInt32(ReceiverWindow);
        writer.WriteUInt16(OutboundStreams);
        writer.WriteUInt16(InboundStreams);
        writer.WriteUInt32(InitialTsn);
        foreach (var parameter in parameters) writer.WriteBytes(parameter);
        return ChunkWriter.Chunk(type, 0, value.AsSpan(0, length));
    }

    private static int LengthOf(byte[] parameter) => (parameter[2] << 8) | parameter[3];
}
