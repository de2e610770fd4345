using System.Diagnostics;
using JitsiMesh.Hosting.Tracing;

namespace JitsiMesh.Hosting.Tests.Tracing;

public sealed class MeshSpanTests
{
    private const string Sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private const string Unsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

    [Fact]
    public void Without_a_listener_there_is_no_span_and_nothing_is_allocated()
    {
        using var source = new ActivitySource("Test.Silent");
        for (var i = 0; i < 100; i++) Try(source);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Try(source);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Try(ActivitySource source)
        {
            if (MeshSpan.BeginTrace(source, "join", ActivityKind.Server, Sampled) is not null) throw new InvalidOperationException();
            if (MeshSpan.Begin(source, "invite", ActivityKind.Internal, Sampled) is not null) throw new InvalidOperationException();
            if (MeshSpan.Metadata(null) is not null) throw new InvalidOperationException();
        }
    }

    [Fact]
    public void A_span_goes_on_with_the_context_that_it_is_given_and_leaves_the_current_activity_alone()
    {
        using var heard = new Heard("Test.Chain");
        using var outer = new Activity("request").Start();
        using (var join = MeshSpan.BeginTrace(heard.Source, "join", ActivityKind.Server))
        {
            using var invite = MeshSpan.Begin(heard.Source, "invite", ActivityKind.Internal, join!.Context);
            Assert.Same(outer, Activity.Current);
            invite!.About("5f2d", "ann").Fail("not invited");
        }

        Assert.Same(outer, Activity.Current);
        var (child, root) = (heard.Ended[0], heard.Ended[1]);
        Assert.Equal((root.TraceId, root.SpanId), (child.TraceId, child.ParentSpanId));
        Assert.Equal(default, root.ParentSpanId);
        Assert.NotEqual(outer.TraceId, root.TraceId);
        Assert.Equal(("5f2d", "ann", "not invited"), (child.GetTagItem(MeshSpan.ConferenceTag), child.GetTagItem(MeshSpan.EndpointTag), child.StatusDescription));
    }

    [Fact]
    public void A_trace_that_was_not_sampled_at_its_beginning_goes_on_nowhere()
    {
        using var heard = new Heard("Test.Sampling");
        foreach (var context in (string?[])[Unsampled, "nonsense", "", null]) Assert.Null(MeshSpan.Begin(heard.Source, "invite", ActivityKind.Internal, context));
        using var span = MeshSpan.BeginTrace(heard.Source, "join", ActivityKind.Server, Sampled);
        Assert.StartsWith(Sampled[..36], span!.Context, StringComparison.Ordinal);
    }

    [Fact]
    public void A_beginning_that_is_not_sampled_is_no_span()
    {
        using var heard = new Heard("Test.Dropped", ActivitySamplingResult.PropagationData);
        Assert.Null(MeshSpan.BeginTrace(heard.Source, "join", ActivityKind.Server));
    }

    private sealed class Heard : IDisposable
    {
        private readonly ActivityListener _listener;

        public Heard(string name, ActivitySamplingResult result = ActivitySamplingResult.AllDataAndRecorded)
        {
            Source = new ActivitySource(name);
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == name,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => result,
                ActivityStopped = Ended.Add,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public ActivitySource Source { get; }

        public List<Activity> Ended { get; } = [];

        public void Dispose()
        {
            _listener.Dispose();
            Source.Dispose();
        }
    }
}
