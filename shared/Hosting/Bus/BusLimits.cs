namespace JitsiMesh.Hosting.Bus;

/// <summary>Bounds of the bus, and what happens at each.</summary>
public static class BusLimits
{
    /// <summary>Octets of a message's body; the largest of ours has under 2 KiB. A longer one is counted as <c>too_long</c> and dropped unread.</summary>
    public const int MessageOctets = 256 * 1024;

    /// <summary>Octets of a message that the connection takes in, RabbitMQ's own largest. With less, one longer message would end the connection, be delivered again and end it again for ever.</summary>
    public const int InboundOctets = 512 * 1024 * 1024;
}
