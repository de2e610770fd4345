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

        Assert.Equal(AdmitResponse.OutcomeOneofCase.Admitted, answer.OutcomeCase);
        Assert.Equal(("", ""), (answer.Admitted.Username, answer.Admitted.Context));
    }

    [Theory]
    [InlineData("meet.jitsi", "PLAIN")]
    [InlineData("auth.meet.jitsi", "ANONYMOUS")]
    public async Task Admit_WhatIsNotOffered_IsRefused(string host, string mechanism)
    {
        await using var services = Compose();

        var answer = await Client(services).AdmitAsync(new AdmitRequest { Host = host, Mechanism = mechanism, Message = Google.Protobuf.ByteString.CopyFromUtf8("\0a\0b") });

        Assert.Equal("invalid-mechanism", answer.Refused.Condition);
    }

    [Theory]
    [InlineData("matrix")]
    [InlineData("cyrus")]
    public void A_way_of_logging_in_that_is_not_there_ends_the_start_rather_than_let_everybody_in(string type)
    {
        var refusal = Assert.Throws<SettingsException>(() => Compose(("ENABLE_AUTH", "1"), ("AUTH_TYPE", type)));

        Assert.StartsWith("AUTH_TYPE", Assert.Single(refusal.Problems), StringComparison.Ordinal);
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
