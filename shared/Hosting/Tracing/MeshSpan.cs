using System.Diagnostics;
using Grpc.Core;

namespace JitsiMesh.Hosting.Tracing;

/// <summary>
/// One span of a join. It is never <see cref="Activity.Current"/>: its parent comes from the context that envelopes, calls and records carry, and
/// unrelated work beside it does not become its child. Where nobody listens there is none, and nothing is allocated.
/// </summary>
public sealed class MeshSpan : IDisposable
{
    /// <summary>The W3C trace context, in HTTP headers and in the metadata of calls.</summary>
    public const string Header = "traceparent";

    public const string ConferenceTag = "jitsimesh.conference";
    public const string EndpointTag = "jitsimesh.endpoint";

    private readonly Activity _activity;

    private MeshSpan(Activity activity) => _activity = activity;

    /// <summary>As W3C trace context: the parent of what follows from it.</summary>
    public string Context => _activity.Id!;

    /// <summary>Begins a part of a trace. Null when nobody listens, when there is no trace, and when its beginning was not sampled.</summary>
    /// <param name="source">The service's.</param>
    /// <param name="name">What is done: one of few names, nothing variable in it.</param>
    /// <param name="kind">Whether it is at the door of a service.</param>
    /// <param name="parent">The context of what it belongs to.</param>
    /// <param name="began">When it began, if that was before now.</param>
    public static MeshSpan? Begin(ActivitySource source, string name, ActivityKind kind, string? parent, DateTimeOffset began = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return parent is not null && source.HasListeners() && ActivityContext.TryParse(parent, null, isRemote: true, out var context) && context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
            ? Start(source, name, kind, context, began)
            : null;
    }

    /// <summary>Begins a trace, or continues that of a caller within the mesh.</summary>
    /// <param name="source">The service's.</param>
    /// <param name="name">What is done.</param>
    /// <param name="kind">Whether it is at the door of a service.</param>
    /// <param name="caller">The caller's context; null when it has none, or is nobody to take one from.</param>
    public static MeshSpan? BeginTrace(ActivitySource source, string name, ActivityKind kind, string? caller = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.HasListeners() ? Begin(source, name, kind, caller) ?? Start(source, name, kind, default, default) : null;
    }

    /// <summary>The metadata of a call that belongs to a trace; null when there is none.</summary>
    public static Metadata? Metadata(string? context) => context is null ? null : new Metadata { { Header, context } };

    /// <summary>The context that a call came with, or null.</summary>
    public static string? ContextOf(ServerCallContext call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call.RequestHeaders.Count == 0 ? null : call.RequestHeaders.GetValue(Header);
    }

    /// <summary>Adds the ids of meeting and participant. A span holds no names and no addresses.</summary>
    public MeshSpan About(string? conference, string? endpoint)
    {
        if (!string.IsNullOrEmpty(conference)) _activity.SetTag(ConferenceTag, conference);
        if (!string.IsNullOrEmpty(endpoint)) _activity.SetTag(EndpointTag, endpoint);
        return this;
    }

    /// <param name="reason">From a closed list.</param>
    public void Fail(string reason) => _activity.SetStatus(ActivityStatusCode.Error, reason);

    public void Dispose()
    {
        // Stopping would put back what was current when it began, which may be in another place by now.
        var current = Activity.Current;
        _activity.Stop();
        Activity.Current = current;
    }

    private static MeshSpan? Start(ActivitySource source, string name, ActivityKind kind, ActivityContext parent, DateTimeOffset began)
    {
        // Without a parent of its own it would become a child of the web server's activity, which nobody collects.
        var current = Activity.Current;
        Activity.Current = null;
        try
        {
            var activity = source.StartActivity(name, kind, parent, startTime: began);
            if (activity is null || activity.Recorded) return activity is null ? null : new MeshSpan(activity);
            activity.Stop();
            return null;
        }
        finally
        {
            Activity.Current = current;
        }
    }
}
