using JitsiMesh.Auth.Admission;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Store;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Oidc.Logins;

/// <summary>A step of a login that any browser may request at any rate.</summary>
internal enum OidcStep
{
    /// <summary>The start, which costs a request to a provider with pushed authorization requests (RFC 9126).</summary>
    Login,

    /// <summary>The return from the provider, which costs up to two requests to it.</summary>
    Callback,

    Logout,
}

/// <summary>The limits within <see cref="OidcLimits.BudgetWindow"/>.</summary>
internal sealed record OidcBudgetSizes
{
    /// <summary>Requests of one address for each step.</summary>
    public int OfAddress { get; init; } = OidcLimits.StepsOfAddress;

    /// <summary>For all addresses: logins whose start was a request to the provider, and returns, that did not complete a login.</summary>
    public int InAll { get; init; } = OidcLimits.UnfinishedSteps;

    /// <summary>The share of <see cref="InAll"/> that one network may use.</summary>
    public int OfNetwork { get; init; } = OidcLimits.UnfinishedStepsOfNetwork;

    /// <summary>Requests for one step that one process counts.</summary>
    public int OfProcess { get; init; } = OidcLimits.StepsOfProcess;
}

/// <summary>
/// Rate limits of OpenID logins: for each client address, for each network around one, and for all together. All instances of the auth service count in the store, which keeps hashes and numbers for a minute.
/// A completed login is subtracted from the shared count. While the store does not answer, each process counts separately.
/// </summary>
internal sealed partial class OidcBudget
{
    private readonly ILogger<OidcBudget> _logger;
    private readonly IMeshStore _store;
    private readonly OidcBudgetSizes _sizes;
    private readonly InMemoryMeshStore _own;
    private readonly OidcAddresses _addresses;
    private readonly Dictionary<OidcStep, WindowCount> _steps;
    private readonly SharedCount _shared;

    public OidcBudget(IMeshStore store, OidcBudgetSizes sizes, TimeProvider time, ILogger<OidcBudget> logger)
    {
        (_store, _sizes, _logger) = (store, sizes, logger);
        _own = new InMemoryMeshStore(time);
        _addresses = new OidcAddresses(sizes.OfAddress, time);
        // Each request may create a key that lives for a minute: this limits their number. Each step has its own limit: a flood of logouts, which cost a client nothing, must not prevent logins.
        _steps = Enum.GetValues<OidcStep>().ToDictionary(step => step, _ => new WindowCount(time, OidcLimits.BudgetWindow, sizes.OfProcess));
        _shared = new SharedCount(time, OidcLimits.BudgetStoreTime, OidcLimits.BudgetStorePause, LogUnreachable);
    }

    /// <param name="step">The step that the browser asks for.</param>
    /// <param name="addressTag">The client's <see cref="OidcOrigin.Address"/>; null when the request counts to no address.</param>
    /// <param name="costs">Whether the step may cause a request to the provider. A step that causes none is not added to the shared count.</param>
    /// <param name="networkTag">The client's <see cref="OidcOrigin.Network"/>, for a step that costs; null when the request counts to no network.</param>
    /// <returns>Null when the step is within its limits; otherwise the refusal.</returns>
    public async ValueTask<OidcRefusal?> TakeAsync(OidcStep step, string? addressTag, bool costs, string? networkTag = null)
    {
        // The address first: a client over its limit must not consume the limits that others share.
        if (addressTag is not null && !_addresses.TryCount(step, addressTag)) return OidcRefusal.TooOften;
        if (!_steps[step].TryCount()) return OidcRefusal.Busy;
        return await CountAsync(async counting =>
            addressTag is not null && await counting.TallyAsync($"oidc/{step}/{addressTag}", 1, OidcLimits.BudgetWindow) > _sizes.OfAddress ? OidcRefusal.TooOften
            : costs ? await AddAsync(counting, step, networkTag)
            : null);
    }

    /// <summary>Adds a step to the shared count when it becomes known after <see cref="TakeAsync"/> that it causes a request to the provider.</summary>
    /// <returns>Null when it is within the limit; otherwise the refusal.</returns>
    public ValueTask<OidcRefusal?> TakeCostAsync(OidcStep step, string? networkTag = null) => CountAsync(counting => AddAsync(counting, step, networkTag));

    /// <summary>Called when a login is completed: its steps no longer count.</summary>
    /// <param name="beginningCounted">Whether its start was added to the shared count, as its return was.</param>
    /// <param name="networkTag">The network that its return counted for.</param>
    public async ValueTask FinishAsync(bool beginningCounted, string? networkTag = null) => await CountAsync(async counting =>
    {
        await Task.WhenAll(beginningCounted ? TakeOffAsync(counting, OidcStep.Login, networkTag) : Task.CompletedTask, TakeOffAsync(counting, OidcStep.Callback, networkTag));
        return null;
    });

    // Counts in the store, or in this process if the store is unreachable.
    private async ValueTask<OidcRefusal?> CountAsync(Func<IMeshStore, Task<OidcRefusal?>> count)
    {
        var (hasAnswered, refusal) = await _shared.AskAsync(() => count(_store));
        return hasAnswered ? refusal : await count(_own);
    }

    // The network first, for the same reason as the address.
    private async Task<OidcRefusal?> AddAsync(IMeshStore counting, OidcStep step, string? networkTag)
    {
        if (networkTag is not null && await AddOfNetworkAsync(counting, step, networkTag, 1) > _sizes.OfNetwork)
        {
            await AddOfNetworkAsync(counting, step, networkTag, -1);
            return OidcRefusal.TooOften;
        }

        if (await AddInAllAsync(counting, step, 1) <= _sizes.InAll) return null;
        await TakeOffAsync(counting, step, networkTag);
        return OidcRefusal.Busy;
    }

    private static Task TakeOffAsync(IMeshStore counting, OidcStep step, string? networkTag) =>
        Task.WhenAll(AddInAllAsync(counting, step, -1), networkTag is null ? Task.CompletedTask : AddOfNetworkAsync(counting, step, networkTag, -1));

    private static Task<long> AddOfNetworkAsync(IMeshStore counting, OidcStep step, string networkTag, long amount) =>
        counting.TallyAsync($"oidc/{step}/network/{networkTag}", amount, OidcLimits.BudgetWindow).AsTask();

    private static Task<long> AddInAllAsync(IMeshStore counting, OidcStep step, long amount) => counting.TallyAsync($"oidc/{step}", amount, OidcLimits.BudgetWindow).AsTask();

    [LoggerMessage(EventId = 9014, Level = LogLevel.Warning, Message = "The store cannot be read for the number of started OpenID logins ({Failure}); this process counts separately")]
    private partial void LogUnreachable(string failure);
}
