using JitsiMesh.Contracts.Bus;
using MassTransit;

namespace JitsiMesh.Focus.Links;

/// <summary>The session ids of a removed account end. Each node may say so: the second time changes nothing.</summary>
public sealed class EndedAccountConsumer(SessionTickets tickets) : IConsumer<AccountRevoked>
{
    public async Task Consume(ConsumeContext<AccountRevoked> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await tickets.EndAllAsync(context.Message.BareJid, context.CancellationToken);
    }
}
