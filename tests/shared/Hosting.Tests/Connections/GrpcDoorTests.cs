using Grpc.Core;
using Grpc.Net.Client;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Hosting.Connections;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace JitsiMesh.Hosting.Tests.Connections;

/// <summary>The inner gRPC port, as somebody finds it who is on its network and has no secret.</summary>
public sealed class GrpcDoorTests : IAsyncLifetime
{
    private const string BridgeSecret = "0123456789abcdef";
    private const string FocusSecret = "fedcba9876543210";
    private static readonly ServiceDescriptor[] Services = [BridgeReflection.Descriptor.Services[0], AuthReflection.Descriptor.Services[0]];
    private WebApplication _app = null!;
    private GrpcChannel _channel = null!;

    public static TheoryData<string> Methods => [.. Services.SelectMany(s => s.Methods).Select(m => $"{m.Service.FullName}/{m.Name}")];

    public async Task InitializeAsync()
    {
        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults("media-bridge", Settings(("MESH_HTTP_PORT", "127.0.0.1:0"), ("MESH_GRPC_PORT", "127.0.0.1:0"), ("LOG_LEVEL", "error"), ("JVB_AUTH_PASSWORD", BridgeSecret), ("JICOFO_AUTH_PASSWORD", FocusSecret)));
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapMeshDefaults();
        _app.MapGrpcService<Bridge>();
        _app.MapGrpcService<Auth>();
        await _app.StartAsync();
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{_app.Services.GetRequiredService<ListenAddresses>().GrpcPort}", new GrpcChannelOptions { MaxSendMessageSize = null });
    }

    public async Task DisposeAsync()
    {
        _channel.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_caller_without_the_right_credential_gets_unauthenticated_from_every_method(string method)
    {
        var service = method.Split('/')[0];
        var right = Credential(BridgeSecret, FocusSecret).For(service)!;
        var wrong = new (string What, string[] Values)[]
        {
            ("none", []),
            ("empty", [""]),
            ("another secret's", [Credential("another-secret-1", "another-secret-2").For(service)!]),
            ("another service's", [.. Services.Select(s => s.FullName).Where(s => s != service).Select(s => Credential(BridgeSecret, FocusSecret).For(s)!)]),
            ("that of the service's secrets changed", [Credential(FocusSecret, BridgeSecret).For(service)!]),
            ("the secret itself", [service.Contains("bridge", StringComparison.Ordinal) ? BridgeSecret : FocusSecret]),
            ("cut off", [right[..^1]]),
            ("longer", [right + "="]),
            ("in other letters", [string.Concat(right.Select(c => char.IsAsciiLetterLower(c) ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c)))]),
            ("right and another", [right, "x"]),
            ("another and right", ["x", right]),
            ("right twice", [right, right]),
        };
        foreach (var (what, values) in wrong) Assert.True(await CallAsync(method, values) == StatusCode.Unauthenticated, $"{method} with {what} credential");

        // The implementation here answers, or has not that method: it was reached.
        Assert.Contains(await CallAsync(method, right), new[] { StatusCode.OK, StatusCode.Unimplemented });
    }

    [Fact]
    public async Task A_message_beyond_the_bound_is_refused_and_the_next_call_is_answered()
    {
        const string Method = "jitsimesh.bridge.BridgeControl/CheckHealth";
        var right = Credential(BridgeSecret, FocusSecret).For("jitsimesh.bridge.BridgeControl")!;

        foreach (var length in new[] { GrpcLimits.MessageOctets + 1, 3 * GrpcLimits.MessageOctets })
        {
            Assert.Equal(StatusCode.ResourceExhausted, await CallAsync(Method, [right], new byte[length]));
            Assert.Equal(StatusCode.OK, await CallAsync(Method, right));
        }
    }

    [Fact]
    public async Task Bytes_that_are_no_message_fail_that_call_alone()
    {
        const string Method = "jitsimesh.bridge.BridgeControl/CheckHealth";
        var right = Credential(BridgeSecret, FocusSecret).For("jitsimesh.bridge.BridgeControl")!;
        var random = new Random(20261130);
        for (var i = 0; i < 50; i++)
        {
            var body = new byte[random.Next(1, 400)];
            random.NextBytes(body);
            Assert.NotEqual(StatusCode.Unauthenticated, await CallAsync(Method, [right], body));
        }

        Assert.Equal(StatusCode.OK, await CallAsync(Method, right));
    }

    [Fact]
    public async Task Calls_of_every_kind_need_the_credential()
    {
        var guard = new MeshCredentialServerInterceptor(Credential(BridgeSecret, FocusSecret));
        using var stranger = new InProcessCallContext("/jitsimesh.bridge.BridgeControl/Anything", new CallOptions(new Metadata { { MeshCredential.Header, "x" } }));
        var reached = false;

        var refusals = new Func<Task>[]
        {
            () => guard.UnaryServerHandler<string, string>("", stranger, (_, _) => Reach("")),
            () => guard.ClientStreamingServerHandler<string, string>(null!, stranger, (_, _) => Reach("")),
            () => guard.ServerStreamingServerHandler<string, string>("", null!, stranger, (_, _, _) => Reach("")),
            () => guard.DuplexStreamingServerHandler<string, string>(null!, null!, stranger, (_, _, _) => Reach("")),
        };
        foreach (var refusal in refusals) Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(refusal)).StatusCode);
        Assert.False(reached);

        Task<string> Reach(string answer)
        {
            reached = true;
            return Task.FromResult(answer);
        }
    }

    private Task<StatusCode> CallAsync(string method, params string[] credentials) => CallAsync(method, credentials, []);

    private async Task<StatusCode> CallAsync(string method, string[] credentials, byte[] body)
    {
        var parts = method.Split('/');
        var bytes = Marshallers.Create(b => b, b => b);
        var headers = new Metadata();
        foreach (var value in credentials) headers.Add(MeshCredential.Header, value);
        try
        {
            using var call = _channel.CreateCallInvoker().AsyncUnaryCall(new Method<byte[], byte[]>(MethodType.Unary, parts[0], parts[1], bytes, bytes), null, new CallOptions(headers, DateTime.UtcNow.AddSeconds(60)), body);
            await call;
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private static MeshCredential Credential(string bridge, string focus) => new(Settings(("JVB_AUTH_PASSWORD", bridge), ("JICOFO_AUTH_PASSWORD", focus)));

    private static MeshSettings Settings(params (string Name, string Value)[] values) => MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value)));

    private sealed class Bridge : BridgeControl.BridgeControlBase
    {
        public override Task<CheckHealthResponse> CheckHealth(CheckHealthRequest request, ServerCallContext context) => Task.FromResult(new CheckHealthResponse { Healthy = true });
    }

    private sealed class Auth : Admission.AdmissionBase
    {
        public override Task<AdmitResponse> Admit(AdmitRequest request, ServerCallContext context) => Task.FromResult(new AdmitResponse { Admitted = new Admitted() });
    }
}
