using System.Text.Json;
using Google.Protobuf;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Tracing;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>Asks the auth service. While auth cannot be reached no new client is admitted, with a condition that says so; existing sessions continue.</summary>
public sealed partial class MeshAdmission(Contracts.Auth.Admission.AdmissionClient client, TimeProvider time, ILogger<MeshAdmission> logger) : IAdmission
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    public async ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation)
    {
        try
        {
            var response = await client.DescribeHostAsync(new DescribeHostRequest { Host = host }, deadline: Until(), cancellationToken: cancellation);
            return [.. response.Mechanisms];
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            LogUnreachable(exception);
            return null;
        }
    }

    public async ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        try
        {
            var response = await client.AdmitAsync(
                new AdmitRequest
                {
                    Host = request.Host,
                    Mechanism = request.Mechanism,
                    Message = ByteString.CopyFrom(request.Message.Span),
                    State = ByteString.CopyFrom(request.State.Span),
                    Token = request.Token,
                    Room = request.Room,
                    Tenant = request.Tenant,
                    AddressTag = request.AddressTag,
                },
                headers: MeshSpan.Metadata(request.TraceParent),
                deadline: Until(),
                cancellationToken: cancellation);
            return Read(response);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            LogUnreachable(exception);
            return new AdmissionResult.Refused("temporary-auth-failure");
        }
    }

    private DateTime Until() => (time.GetUtcNow() + Deadline).UtcDateTime;

    private static AdmissionResult Read(AdmitResponse response)
    {
        switch (response.OutcomeCase)
        {
            case AdmitResponse.OutcomeOneofCase.Challenge:
                return new AdmissionResult.Challenged(response.Challenge.Message.Memory, response.Challenge.State.Memory);
            case AdmitResponse.OutcomeOneofCase.Admitted:
                var context = response.Admitted.Context.Length == 0 ? SessionContext.Empty : JsonSerializer.Deserialize<SessionContext>(response.Admitted.Context) ?? SessionContext.Empty;
                return new AdmissionResult.Admitted(response.Admitted.Username, context) { Message = response.Admitted.Message.Memory };
            default:
                var refused = response.Refused;
                return new AdmissionResult.Refused(string.IsNullOrEmpty(refused?.Condition) ? "not-authorized" : refused.Condition, refused?.Text ?? "");
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The auth service did not answer (MESH-AUTH-7)")]
    private partial void LogUnreachable(Exception exception);
}
