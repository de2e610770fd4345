using System.Diagnostics.Metrics;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Bus;

/// <summary>
/// Stands before each consumer of the bus. What is too long, cannot be read, or makes a consumer throw, is counted under its reason and dropped: facts come again
/// within seconds, and a queue of failed messages that nobody reads would only grow.
/// </summary>
internal sealed partial class BusMessageFilter(ILogger<BusMessageFilter> logger) : IFilter<ReceiveContext>
{
    private static readonly Meter Meter = new("JitsiMesh.Hosting");
    private static readonly Counter<long> Dropped = Meter.CreateCounter<long>("jitsimesh.bus.dropped", description: "Messages of the bus that no consumer has taken, by reason");

    public void Probe(ProbeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CreateFilterScope("jitsimesh");
    }

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Body.Length is { } length and > BusLimits.MessageOctets)
        {
            // Not handed on: the endpoint discards what was not consumed.
            Count("too_long");
            LogTooLong(context.InputAddress, length);
            return;
        }

        await next.Send(context);

        // MassTransit has handled the exception by now, and logged it. What reached no consumer was of another type, or none.
        if (!context.IsFaulted && context.IsDelivered) return;
        var reason = context.IsFaulted ? "failed" : "unreadable";
        Count(reason);
        LogDropped(context.InputAddress, reason);
    }

    private static void Count(string reason) => Dropped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Bus {Queue}: a message of {Octets} octets is too long and dropped")]
    private partial void LogTooLong(Uri queue, long octets);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Bus {Queue}: a message is dropped: {Reason}")]
    private partial void LogDropped(Uri queue, string reason);
}
