using System.Diagnostics;
using Grpc.Core;

namespace JitsiMesh.Hosting.Tracing;

/// <summary>
/// One span of a join. It never becomes <see cref="Activity.Current"/>: envelopes, calls and records carry the context, and unrelated work in parallel does not become its
/// child. Without a listener there is no span and no allocation.
/// </summary>
public sealed class MeshSpan : IDisposable
{
    /// <summary>The W3C trace context, in HTTP headers and in the metadata of calls.</summary>
    public const string Header = "traceparent";

    public const string ConferenceTag = "jitsimesh.conference";
    public const string EndpointTag = "jitsimesh.endpoint";

    private readonly Activity _activity;

    private MeshSpan(Activity activity) => _activity = activity;

    /// <summary>The W3C trace context for child spans.</summary>
    public string Context => _activity.Id!;

    /// <summary>Starts a span of a trace. Null without a listener, without a trace, and when the trace is not sampled.</summary>
    /// <param name="source">The service's.</param>
    /// <param name="name">The operation: one of a few fixed names.</param>
    /// <param name="kind">Whether it is at the door of a service.</param>
    /// <param name="parent">The context of the parent.</param>
    /// <param name="began">When it began, if that was before now.</param>
    public static MeshSpan? Begin(ActivitySource source, string name, ActivityKind kind, string? parent, DateTimeOffset began = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return parent is not null && source.HasListeners() && ActivityContext.TryParse(parent, null, isRemote: true, out var context) && context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
            ? Start(source, name, kind, context, began)
            : null;
    }

    /// <summary>Starts a trace, or continues that of a caller within the mesh.</summary>
    /// <param name="source">The service's.</param>
    /// <param name="name">The operation.</param>
    /// <param name="kind">Whether it is at the door of a service.</param>
    /// <param name="caller">The caller's context; null when it has none, or the caller is not trusted.</param>
    public static MeshSpan? BeginTrace(ActivitySource source, string name, ActivityKind kind, string? caller = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.HasListeners() ? Begin(source, name, kind, caller) ?? Start(source, name, kind, default, default) : null;
    }

    /// <summary>The metadata of a call that belongs to a trace; null when there is none.</summary>
    public static Metadata? Metadata(string? context) => context is null ? null : new Metadata { { Header, context } };

    /// <summary>The context of an incoming call, or null.</summary>
    public static string? ContextOf(ServerCallContext call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call.RequestHeaders.Count == 0 ? null : call.RequestHeaders.GetValue(Header);
    }

    /// <summary>Adds the ids of the participants. Only ids: a span contains no names and no addresses.</summary>
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
        // Stopping would restore the activity that was current at the start, which may be running elsewhere by now.
        var current = Activity.Current;
        _activity.Stop();
        Activity.Current = current;
    }

    private static MeshSpan? Start(ActivitySource source, string name, ActivityKind kind, ActivityContext parent, DateTimeOffset began)
    {
        // Without an explicit parent the span would become a child of the web server's activity, which is not collected.
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
