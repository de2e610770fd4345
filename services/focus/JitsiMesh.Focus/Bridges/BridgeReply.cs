using JitsiMesh.Contracts.Bridge;

namespace JitsiMesh.Focus.Bridges;

/// <summary>How a call to a bridge failed (the trailer <c>reason</c> of the contract).</summary>
public enum BridgeFailure
{
    None,
    BadRequest,
    ConferenceExists,
    EndpointExists,
    ConferenceNotFound,
    UnknownEndpoint,
    NotImplemented,
    GracefulShutdown,
    Overloaded,
    Unspecified,

    /// <summary>The bridge cannot be reached.</summary>
    Unreachable,
    TimedOut,
}

/// <param name="Response">The bridge's answer; null when the call failed.</param>
/// <param name="Endpoint">The endpoint that the bridge does not know.</param>
public sealed record BridgeReply(ModifyConferenceResponse? Response, BridgeFailure Failure = BridgeFailure.None, string? Endpoint = null)
{
    public static BridgeReply Failed(BridgeFailure failure, string? endpoint = null) => new(null, failure, endpoint);
}
