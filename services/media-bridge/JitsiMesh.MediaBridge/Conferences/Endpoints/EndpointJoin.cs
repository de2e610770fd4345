namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>What is seen of an endpoint's way in, each once.</summary>
internal enum EndpointJoinStep
{
    IceConnected,
    DtlsConnected,
    FirstMediaReceived,
    FirstMediaSent,
    Failed,
}

/// <summary>A join that is traced, as far as it is not over. On the shard's thread.</summary>
/// <param name="TraceParent">W3C trace context of the allocation.</param>
/// <param name="Began">When the endpoint was allocated.</param>
internal sealed record EndpointJoin(string TraceParent, DateTimeOffset Began)
{
    private int _seen;

    /// <summary>Media went both ways, or will not: there is nothing more to see.</summary>
    public bool IsOver => Has(EndpointJoinStep.Failed) || (Has(EndpointJoinStep.FirstMediaReceived) && Has(EndpointJoinStep.FirstMediaSent));

    /// <summary>False when it was seen before.</summary>
    public bool See(EndpointJoinStep step)
    {
        if (Has(step)) return false;
        _seen |= 1 << (int)step;
        return true;
    }

    private bool Has(EndpointJoinStep step) => (_seen & (1 << (int)step)) != 0;
}
