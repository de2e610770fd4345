using Grpc.Core;
using JitsiMesh.Signalling.Sessions;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Signalling.Tests;

/// <summary>Auth that does not answer: nobody is told that a host is unknown, and a login may be tried again.</summary>
public sealed class MeshAdmissionTests
{
    public static TheoryData<string> Failures() => ["unavailable", "deadline", "cancelled", "other"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task An_outage_is_told_as_one(string failure)
    {
        var admission = new MeshAdmission(new Contracts.Auth.Admission.AdmissionClient(new FailingInvoker(failure)), TimeProvider.System, NullLogger<MeshAdmission>.Instance);
        Assert.Null(await admission.MechanismsAsync("meet.jitsi", CancellationToken.None));
        var result = await admission.AdmitAsync(new AdmissionRequest { Host = "meet.jitsi", Mechanism = "ANONYMOUS" }, CancellationToken.None);
        Assert.Equal(new AdmissionResult.Refused("temporary-auth-failure"), result);
    }

    private sealed class FailingInvoker(string failure) : CallInvoker
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw failure switch
        {
            "unavailable" => new RpcException(new Status(StatusCode.Unavailable, "")),
            "deadline" => new RpcException(new Status(StatusCode.DeadlineExceeded, "")),
            "cancelled" => new RpcException(new Status(StatusCode.Cancelled, "")),
            _ => new InvalidOperationException("no channel"),
        };

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();
    }
}
