using JitsiMesh.Contracts.Auth;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Administration;

/// <summary>Asks the auth service, which alone has the keys.</summary>
public sealed partial class MeshOperatorTokens(Contracts.Auth.Admission.AdmissionClient client, TimeProvider time, ILogger<MeshOperatorTokens> logger) : IOperatorTokens
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    public async ValueTask<OperatorToken> CheckAsync(string token, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (token.Length > SignallingLimits.OperatorTokenLength) return OperatorToken.Bad;
        try
        {
            var response = await client.CheckTokenAsync(new CheckTokenRequest { Token = token }, deadline: (time.GetUtcNow() + Deadline).UtcDateTime, cancellationToken: cancellation);
            if (response.Accepted) return OperatorToken.Good;
            return response.Refused?.Reason == "system_tokens_off" ? OperatorToken.Off : OperatorToken.Bad;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            LogUnreachable(exception);
            return OperatorToken.Unknown;
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The auth service did not answer; a request of administration is refused")]
    private partial void LogUnreachable(Exception exception);
}
