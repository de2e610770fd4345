namespace JitsiMesh.Sctp.DataChannels;

internal sealed class DataChannel(int id, DataChannelOptions options, bool openedByPeer)
{
    internal int Id { get; } = id;

    internal DataChannelOptions Options { get; } = options;

    internal bool OpenedByPeer { get; } = openedByPeer;

    /// <summary>Until the ACK arrives, everything is sent in order, so that the OPEN arrives first (RFC 8832 section 6).</summary>
    internal bool IsAcknowledged { get; set; } = openedByPeer;

    internal bool IsClosing { get; set; }

    internal bool OutgoingIsReset { get; set; }

    internal bool IncomingIsReset { get; set; }

    internal bool ClosedIsTold { get; set; }
}

/// <summary>Payload protocol identifiers (RFC 8831 section 8).</summary>
internal static class Ppid
{
    internal const uint Dcep = 50;
    internal const uint Text = 51;
    internal const uint Binary = 53;
    internal const uint TextEmpty = 56;
    internal const uint BinaryEmpty = 57;
}
