using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling.Outboxes;

/// <summary>
/// Which instance delivers a kind: a value in the store that goes away unless its holder says again that it is there. Of those who find none the first one of a number that all
/// count takes it. A holder that cannot renew it stops before the others take it.
/// </summary>
internal sealed class OutboxLease(IMeshStore store, MeshClock clock, string kind, string holder)
{
    private readonly string _key = "outbox-lease/" + kind;
    private MonotonicTime _until;

    public async Task<bool> TryTakeAsync(CancellationToken cancellation)
    {
        var found = await store.GetPlacementAsync(_key, cancellation);
        if (found is null)
        {
            if (await store.TallyAsync(_key, 1, OutboxLimits.LeaseLook, cancellation) != 1) return false;
            // Somebody may have taken it between the look and the number.
            found = await store.GetPlacementAsync(_key, cancellation);
        }

        if (found is not null && found != holder) return false;
        await HoldAsync(cancellation);
        return true;
    }

    /// <summary>Ends when the lease is lost, or cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var left = _until - clock.Now.Now;
            if (left <= TimeSpan.Zero) return;
            await Task.Delay(left < OutboxLimits.LeaseLook ? left : OutboxLimits.LeaseLook, clock.Time, cancellation);
            try
            {
                if (!await RenewAsync(cancellation)) return;
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                // It still holds for a while; the store may be back by then.
                await Task.Delay(OutboxLimits.StorePause, clock.Time, cancellation);
            }
        }
    }

    /// <summary>Lets another instance take it at once. Without it that one waits until it is over.</summary>
    public async Task ReleaseAsync()
    {
        using var late = new CancellationTokenSource(OutboxLimits.ReleaseTime, clock.Time);
        if (await store.GetPlacementAsync(_key, late.Token).AsTask().WaitAsync(late.Token) == holder) await store.RemovePlacementAsync(_key, late.Token).AsTask().WaitAsync(late.Token);
    }

    private async Task<bool> RenewAsync(CancellationToken cancellation)
    {
        var left = _until - clock.Now.Now;
        if (left <= TimeSpan.Zero) return false;
        using var late = new CancellationTokenSource(left, clock.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        if (await store.GetPlacementAsync(_key, both.Token).AsTask().WaitAsync(both.Token) != holder) return false;
        await HoldAsync(both.Token);
        return true;
    }

    private async Task HoldAsync(CancellationToken cancellation)
    {
        var begun = clock.Now.Now;
        await store.SetPlacementAsync(_key, holder, OutboxLimits.LeaseTime, cancellation).AsTask().WaitAsync(cancellation);
        _until = begun + OutboxLimits.LeaseTime - OutboxLimits.LeaseMargin;
    }
}
