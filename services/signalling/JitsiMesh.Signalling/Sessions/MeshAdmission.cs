using JitsiMesh.Contracts.Auth;
using JitsiMesh.Hosting.Tracing;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>Asks the auth service. While it cannot be reached nobody new gets in, with a condition that says so; sessions go on.</summary>
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
                    Username = request.Username,
                    Password = request.Password,
                    Token = request.Token,
                    Room = request.Room,
                    Tenant = request.Tenant,
                },
                headers: MeshSpan.Metadata(request.TraceParent),
                deadline: Until(),
                cancellationToken: cancellation);
            return new AdmissionResult
            {
                Admitted = response.Admitted,
                Username = response.Username,
                Condition = response.Condition.Length > 0 ? response.Condition : "not-authorized",
                Text = response.Text,
                Identity = NullIfEmpty(response.Identity),
                UserContext = NullIfEmpty(response.UserContext),
                Features = NullIfEmpty(response.Features),
            };
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            LogUnreachable(exception);
            return new AdmissionResult { Admitted = false, Condition = "temporary-auth-failure" };
        }
    }

    private DateTime Until() => (time.GetUtcNow() + Deadline).UtcDateTime;

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The auth service did not answer")]
    private partial void LogUnreachable(Exception exception);
}
