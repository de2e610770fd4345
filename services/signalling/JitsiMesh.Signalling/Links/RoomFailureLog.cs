using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Signalling.Muc;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Links;

/// <summary>Writes down what went wrong in a room: the place in the code, and which room and session it was, without their names and without what was said.</summary>
internal static partial class RoomFailureLog
{
    public static void Write(ILogger logger, RoomFailure failure)
    {
        if (!logger.IsEnabled(LogLevel.Error)) return;
        // An exception's message may quote what a client has sent: its type and its place do not.
        LogFailed(logger, Mark(failure.Room), failure.Session is { } session ? Mark(session) : "-", failure.Step, failure.Exception.GetType().Name, failure.Exception.StackTrace ?? "");
    }

    /// <summary>The same for the same name on every node, so that lines about it can be found together.</summary>
    private static string Mark(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..12];

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Room {Room} failed for session {Session} at {Step} and is as it was before: {Exception}\n{Place}")]
    private static partial void LogFailed(ILogger logger, string room, string session, string step, string exception, string place);
}
