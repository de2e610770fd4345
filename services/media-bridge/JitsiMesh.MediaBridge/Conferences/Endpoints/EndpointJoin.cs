namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>The steps of an endpoint's join, each recorded once.</summary>
internal enum EndpointJoinStep
{
    IceConnected,
    DtlsConnected,
    FirstMediaReceived,
    FirstMediaSent,
    Failed,
}

/// <summary>A traced join until it is complete. Used on the shard's thread.</summary>
/// <param name="TraceParent">W3C trace context of the allocation.</param>
/// <param name="Began">When the endpoint was allocated.</param>
internal sealed record EndpointJoin(string TraceParent, DateTimeOffset Began)
{
    private int _seen;

    /// <summary>Media flowed in both directions, or never will: the trace is complete.</summary>
    public bool IsOver => Has(EndpointJoinStep.Failed) || (Has(EndpointJoinStep.FirstMediaReceived) && Has(EndpointJoinStep.FirstMediaSent));

    /// <summary>False when the step was recorded before.</summary>
    public bool See(EndpointJoinStep step)
    {
        if (Has(step)) return false;
        _seen |= 1 << (int)step;
        return true;
    }

    private bool Has(EndpointJoinStep step) => (_seen & (1 << (int)step)) != 0;
}
