using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Telemetry;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Focus.Links;

/// <summary>The services of the node that a conference's host uses.</summary>
public sealed record ConferenceServices(
    FocusOptions Options,
    IStanzaLink Link,
    IMeshStore Store,
    BridgeCaller Bridges,
    BridgeWatch Watch,
    CapsCache Caps,
    FocusClock Clock,
    FocusMetrics Metrics,
    IRandomSource Random,
    ILoggerFactory Loggers);
