using JitsiMesh.Contracts.Bus;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>Each node ends those sessions of a removed account that are here.</summary>
public sealed partial class AccountRevokedConsumer(SessionRegistry sessions, ILogger<AccountRevokedConsumer> logger) : IConsumer<AccountRevoked>
{
    public Task Consume(ConsumeContext<AccountRevoked> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var ended = sessions.Revoke(context.Message.BareJid);
        if (ended > 0) LogEnded(ended);
        return Task.CompletedTask;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "An account was removed: {Sessions} sessions of it ended")]
    private partial void LogEnded(int sessions);
}
