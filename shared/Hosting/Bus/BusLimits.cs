namespace JitsiMesh.Hosting.Bus;

/// <summary>Bounds of the bus, and what happens at each.</summary>
public static class BusLimits
{
    /// <summary>The maximum length of a message body in octets; the largest message of the mesh has under 2 KiB. A longer one is counted as <c>too_long</c> and dropped unread.</summary>
    public const int MessageOctets = 256 * 1024;

    /// <summary>
    /// The maximum message size of the connection in octets, equal to RabbitMQ's maximum. With a smaller value one longer message would end the connection, be redelivered and
    /// end it again forever.
    /// </summary>
    public const int InboundOctets = 512 * 1024 * 1024;
}
