using JitsiMesh.Contracts.Bus;
using MassTransit;

namespace JitsiMesh.Focus.Links;

/// <summary>Ends the session ids of a removed account. Every node consumes the message; repeating it changes nothing.</summary>
public sealed class EndedAccountConsumer(SessionTickets tickets) : IConsumer<AccountRevoked>
{
    public async Task Consume(ConsumeContext<AccountRevoked> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await tickets.EndAllAsync(context.Message.BareJid, context.CancellationToken);
    }
}
