using JitsiMesh.Auth;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Auth.Tests;

public sealed class AdmissionServiceTests
{
    [Theory]
    [InlineData("meet.jitsi", "ANONYMOUS")]
    [InlineData("MEET.jitsi", "ANONYMOUS")]
    [InlineData("auth.meet.jitsi", "")]
    [InlineData("elsewhere.example", "")]
    public async Task DescribeHost_OfEachHost_OffersGuestsTheMainDomainOnly(string host, string expected)
    {
        await using var services = Compose();

        var described = await Client(services).DescribeHostAsync(new DescribeHostRequest { Host = host });

        Assert.Equal(expected, string.Join(',', described.Mechanisms));
    }

    [Fact]
    public async Task Admit_AGuest_IsAdmittedWithoutAnIdentity()
    {
        await using var services = Compose();

        var answer = await Client(services).AdmitAsync(new AdmitRequest { Host = "meet.jitsi", Mechanism = "ANONYMOUS", Token = "ignored", Room = "r" });

        Assert.True(answer.Admitted);
        Assert.Equal("", answer.Username);
        Assert.Equal("", answer.Identity);
    }

    [Theory]
    [InlineData("meet.jitsi", "PLAIN")]
    [InlineData("auth.meet.jitsi", "ANONYMOUS")]
    public async Task Admit_WhatIsNotOffered_IsRefused(string host, string mechanism)
    {
        await using var services = Compose();

        var answer = await Client(services).AdmitAsync(new AdmitRequest { Host = host, Mechanism = mechanism, Username = "a", Password = "b" });

        Assert.False(answer.Admitted);
        Assert.Equal("invalid-mechanism", answer.Condition);
    }

    [Fact]
    public void AddAuth_LoginsDemanded_RefusesToStartRatherThanLetEverybodyIn()
    {
        var refusal = Assert.Throws<SettingsException>(() => Compose(("ENABLE_AUTH", "1")));

        Assert.StartsWith("ENABLE_AUTH", Assert.Single(refusal.Problems), StringComparison.Ordinal);
    }

    // The client is the one that signalling gets in one process.
    private static Contracts.Auth.Admission.AdmissionClient Client(ServiceProvider services) => services.GetRequiredService<Contracts.Auth.Admission.AdmissionClient>();

    private static ServiceProvider Compose(params (string Name, string Value)[] values)
    {
        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults("all-in-one", MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value))));
        builder.AddAuth();
        return builder.Services.BuildServiceProvider();
    }
}
