using Grpc.Core;
using Grpc.Core.Interceptors;

namespace JitsiMesh.Hosting.Connections;

internal sealed class MeshCredentialClientInterceptor(MeshCredential credential) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        if (credential.For(context.Method.ServiceName) is not { } value) return continuation(request, context);
        var headers = new Metadata();
        foreach (var entry in context.Options.Headers ?? []) headers.Add(entry);
        headers.Add(MeshCredential.Header, value);
        return continuation(request, new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, context.Options.WithHeaders(headers)));
    }
}

/// <summary>Refuses calls from outside the mesh with UNAUTHENTICATED.</summary>
internal sealed class MeshCredentialServerInterceptor(MeshCredential credential) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        // Method is "/package.Service/Name".
        var service = context.Method.Split('/', StringSplitOptions.RemoveEmptyEntries)[0];
        return credential.Accepts(service, context.RequestHeaders.GetValue(MeshCredential.Header))
            ? continuation(request, context)
            : throw new RpcException(new Status(StatusCode.Unauthenticated, "The caller has not proved that it belongs to this mesh."));
    }
}
