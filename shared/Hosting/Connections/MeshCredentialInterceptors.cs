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

/// <summary>Refuses calls of any kind from outside the mesh with UNAUTHENTICATED.</summary>
internal sealed class MeshCredentialServerInterceptor(MeshCredential credential) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Demand(context);
        return continuation(request, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Demand(context);
        return continuation(requestStream, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Demand(context);
        return continuation(request, responseStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Demand(context);
        return continuation(requestStream, responseStream, context);
    }

    private void Demand(ServerCallContext context)
    {
        // Method is "/package.Service/Name". A caller may send the header twice: then it has not proved anything.
        var service = context.Method.Split('/', StringSplitOptions.RemoveEmptyEntries)[0];
        var presented = context.RequestHeaders.GetAll(MeshCredential.Header).Select(entry => entry.Value).ToList();
        if (presented is not [var value] || !credential.Accepts(service, value))
        {
            throw new RpcException(new Status(StatusCode.Unauthenticated, "The caller has not proved that it belongs to this mesh."));
        }
    }
}
