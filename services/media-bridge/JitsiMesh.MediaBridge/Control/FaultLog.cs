using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>Writes exceptions that were contained, with their ids. At a limited rate: a client that can cause one must not fill the disk.</summary>
internal sealed partial class FaultLog(ILogger logger)
{
    /// <summary>Exceptions written at once, and a minute after that. Those beyond are counted, and the next line says how many they were.</summary>
    public const int Burst = 20;

    public const int PerMinute = 6;

    private readonly TokenBucket _rate = new(PerMinute / 60.0, Burst);
    private long _unsaid;

    public void Tell(ShardFault kind, string? meetingId, string? endpointId, Exception error, MonotonicTime now)
    {
        if (!_rate.TryTake(1, now))
        {
            _unsaid++;
            return;
        }

        var unsaid = _unsaid;
        _unsaid = 0;
        if (kind is ShardFault.Loop) LogLoop(error, unsaid);
        else if (endpointId is not null) LogEndpoint(error, endpointId, meetingId ?? "", kind, unsaid);
        else if (meetingId is not null) LogConference(error, meetingId, kind, unsaid);
        else LogOther(error, kind, unsaid);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Endpoint {Endpoint} of {Meeting} hit an error of ours ({Kind}) and ends; {Unsaid} errors before were not written")]
    private partial void LogEndpoint(Exception error, string endpoint, string meeting, ShardFault kind, long unsaid);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "Conference {Meeting} hit an error of ours ({Kind}); {Unsaid} errors before were not written")]
    private partial void LogConference(Exception error, string meeting, ShardFault kind, long unsaid);

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message = "An error of ours that concerns no endpoint ({Kind}); {Unsaid} errors before were not written")]
    private partial void LogOther(Exception error, ShardFault kind, long unsaid);

    [LoggerMessage(EventId = 4, Level = LogLevel.Critical, Message = "A turn of the media loop failed and is tried again; {Unsaid} errors before were not written")]
    private partial void LogLoop(Exception error, long unsaid);
}
