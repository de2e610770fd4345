using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Tests.Links;

/// <summary>Several nodes on one link: what the contract needs of an implementation's surroundings.</summary>
public interface ILinkCluster : IAsyncDisposable
{
    Task<IStanzaLink> StartNodeAsync(string name);
}
