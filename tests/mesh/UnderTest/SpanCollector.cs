using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using JitsiMesh.Hosting.Tracing;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>Stands where an exporter stands: keeps every span of ours that has ended, of all services in this process.</summary>
public sealed class SpanCollector : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public SpanCollector()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("JitsiMesh.", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Span> Spans => [.. _ended.Select(Span.Of)];

    /// <summary>The trace in which an endpoint joined.</summary>
    public IReadOnlyList<Span> TraceOf(string endpoint)
    {
        var spans = Spans;
        return spans.FirstOrDefault(span => span.Name == "room join" && span.Endpoint == endpoint) is { } join ? [.. spans.Where(span => span.Trace == join.Trace)] : [];
    }

    /// <summary>The tree, a line a span, as the documentation shows it.</summary>
    public static string Print(IReadOnlyList<Span> trace)
    {
        var text = new StringBuilder();
        var began = trace.Select(span => span.Start).DefaultIfEmpty().Min();
        foreach (var root in trace.Where(span => trace.All(other => other.Id != span.Parent)).OrderBy(span => span.Start)) Print(root, 0);
        return text.ToString();

        void Print(Span span, int depth)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{(span.Start - began).TotalMilliseconds,7:F1} +{span.Duration.TotalMilliseconds,6:F1} ms  {new string(' ', depth * 2)}{span.Name} [{span.Service}] {span.Endpoint} {span.Failure}");
            foreach (var child in trace.Where(other => other.Parent == span.Id).OrderBy(other => other.Start)) Print(child, depth + 1);
        }
    }

    public void Dispose() => _listener.Dispose();

    public sealed record Span(string Service, string Name, string Trace, string Id, string Parent, string? Conference, string? Endpoint, string? Failure, DateTime Start, TimeSpan Duration, string Text)
    {
        public static Span Of(Activity activity) => new(
            activity.Source.Name["JitsiMesh.".Length..],
            activity.OperationName,
            activity.TraceId.ToString(),
            activity.SpanId.ToString(),
            activity.ParentSpanId.ToString(),
            activity.GetTagItem(MeshSpan.ConferenceTag) as string,
            activity.GetTagItem(MeshSpan.EndpointTag) as string,
            activity.Status == ActivityStatusCode.Error ? activity.StatusDescription ?? "failed" : null,
            activity.StartTimeUtc,
            activity.Duration,
            string.Join(' ', activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}").Prepend(activity.OperationName)) + activity.StatusDescription);
    }
}
