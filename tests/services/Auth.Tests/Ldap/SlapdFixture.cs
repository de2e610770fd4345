using JitsiMesh.Kit.Directories;

namespace JitsiMesh.Auth.Tests.Ldap;

/// <summary>A directory for the tests of one class.</summary>
public sealed class SlapdFixture() : RunningSlapd(people: 200), IAsyncLifetime
{
    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();
}

/// <summary>One with as many people as a large company has.</summary>
public sealed class LargeSlapdFixture : RunningSlapd, IAsyncLifetime
{
    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();
}
