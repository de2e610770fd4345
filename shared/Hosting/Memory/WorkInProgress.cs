using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Hosting.Memory;

/// <summary>Whether a service has work in progress that a pause of the whole process would disturb.</summary>
/// <param name="IsBusy">Called every few seconds, from any thread; must be quick.</param>
public sealed record WorkInProgress(Func<bool> IsBusy);

public static class WorkInProgressRegistration
{
    /// <summary>While <paramref name="isBusy"/> returns true, the process does not return memory to the system.</summary>
    public static IServiceCollection AddWorkInProgress(this IServiceCollection services, Func<IServiceProvider, bool> isBusy) =>
        services.AddSingleton(provider => new WorkInProgress(() => isBusy(provider)));
}
