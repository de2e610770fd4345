using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Focus.Links;

/// <summary>What every conference's host needs of the world.</summary>
/// <param name="Publish">Puts a fact on the bus.</param>
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
    Func<object, CancellationToken, Task> Publish,
    ILoggerFactory Loggers);
