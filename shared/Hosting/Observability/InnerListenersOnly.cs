using JitsiMesh.Hosting.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace JitsiMesh.Hosting.Observability;

/// <summary>Endpoint metadata: not for connections of a public listener.</summary>
internal sealed class InnerListenersOnly
{
    public static readonly InnerListenersOnly Instance = new();
}

/// <summary>Removes such endpoints from the candidates for a request, so that on a public listener the path is free for a room of that name.</summary>
internal sealed class InnerListenersPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => 1000;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(e => e.Metadata.GetMetadata<InnerListenersOnly>() is not null);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        if (httpContext.Features.Get<PublicListener>() is null) return Task.CompletedTask;
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates[i].Endpoint.Metadata.GetMetadata<InnerListenersOnly>() is not null) candidates.SetValidity(i, false);
        }

        return Task.CompletedTask;
    }
}
