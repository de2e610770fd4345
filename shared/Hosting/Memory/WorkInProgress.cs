using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Hosting.Memory;

/// <summary>Whether a service has something under way that a pause of the whole process would disturb.</summary>
/// <param name="IsBusy">Asked every few seconds, from any thread; quick.</param>
public sealed record WorkInProgress(Func<bool> IsBusy);

public static class WorkInProgressRegistration
{
    /// <summary>While <paramref name="isBusy"/> holds, the process does not return memory to the system.</summary>
    public static IServiceCollection AddWorkInProgress(this IServiceCollection services, Func<IServiceProvider, bool> isBusy) =>
        services.AddSingleton(provider => new WorkInProgress(() => isBusy(provider)));
}
