namespace JitsiMesh.Mesh.Tests.Proxies;

/// <summary>A test with proxies of others. Where the machine has none of one kind, its case is skipped, and says so aloud.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProxyFactAttribute : FactAttribute
{
    public ProxyFactAttribute(string proxy)
    {
        if (RunningProxy.Missing(proxy) is not { } missing) return;
        Skip = missing;
        Console.WriteLine(missing);
    }
}
