using System.Threading.Channels;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Telemetry;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Focus.Links;

/// <summary>
/// Runs one conference: a mailbox of inputs, taken one at a time. For each: the machine decides, the change is written, then the outputs
/// are carried out in order. An input whose change cannot be written because another node owns the partition ends the host silently.
/// </summary>
public sealed partial class ConferenceHost : IConferenceWorld, IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(2);

    private readonly ConferenceServices _services;
    private readonly Channel<Item> _mailbox = Channel.CreateBounded<Item>(FocusLimits.MailboxSize);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, Task> _callTails = new(StringComparer.Ordinal);
    private readonly string _key;
    private readonly long _epoch;
    private readonly Action<ConferenceHost> _ended;
    private readonly ILogger<ConferenceHost> _logger;
    private readonly ITimer _timer;
    private readonly Task _loop;
    private Conference _conference;
    private volatile ConferenceSummary _summary;
    private readonly ConferenceSpans _spans = new();
    private int _timerPosted;
    private bool _done;

    /// <param name="conference">The machine; only this host touches it from now on.</param>
    /// <param name="epoch">The ownership of its partition.</param>
    /// <param name="ended">Called once when the conference is over or no longer ours.</param>
    /// <param name="services">The world.</param>
    public ConferenceHost(Conference conference, long epoch, Action<ConferenceHost> ended, ConferenceServices services)
    {
        _services = services;
        _conference = conference;
        _epoch = epoch;
        _ended = ended;
        Room = conference.Room;
        _key = ConferenceDocument.Key(Room);
        _logger = services.Loggers.CreateLogger<ConferenceHost>();
        _summary = ConferenceSummary.Of(conference);
        _timer = services.Clock.Provider.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _loop = Task.Run(RunAsync);
    }

    public string Room { get; }

    /// <summary>The conference as of the last input, for pages.</summary>
    public ConferenceSummary Summary => _summary;

    /// <summary>Brings an input and waits until it is dealt with.</summary>
    /// <returns>False when the conference was over before: the input belongs to the next one in the same room.</returns>
    public async ValueTask<bool> HandleAsync(ConferenceInput input)
    {
        var item = new Item(input, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await _mailbox.Writer.WriteAsync(item, _stop.Token);
        }
        catch (Exception exception) when (exception is ChannelClosedException or OperationCanceledException)
        {
            return false;
        }

        return await item.Done!.Task;
    }

    /// <summary>Brings an input whose effect nobody waits for.</summary>
    public void Post(ConferenceInput input)
    {
        if (!_mailbox.Writer.TryWrite(new Item(input, null))) _ = HandleAsync(input).AsTask();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _mailbox.Writer.TryComplete();
        await _loop;
        await _timer.DisposeAsync();
    }

    private void OnTimer()
    {
        if (Interlocked.Exchange(ref _timerPosted, 1) == 0) Post(new Tick());
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _mailbox.Reader.WaitToReadAsync(_stop.Token))
            {
                while (_mailbox.Reader.TryRead(out var item)) await TakeAsync(item);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The partition went to another node.
        }
        finally
        {
            _mailbox.Writer.TryComplete();
            while (_mailbox.Reader.TryRead(out var left)) left.Done?.TrySetResult(false);
            _spans.Dispose();
        }
    }

    private async Task TakeAsync(Item item)
    {
        if (item.Input is Tick) Interlocked.Exchange(ref _timerPosted, 0);
        if (_done)
        {
            item.Done?.TrySetResult(false);
            return;
        }

        try
        {
            await StepAsync(item.Input);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            item.Done?.TrySetResult(false);
            throw;
        }
        catch (Exception exception)
        {
            // A fault of our own affects only the sender of the input: the conference continues from its stored state.
            LogInputFailed(exception, DescriptionOf(item.Input), _conference.Document.Core.MeetingId, EndpointOf(item.Input));
            try
            {
                await RecoverAsync(item.Input);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                item.Done?.TrySetResult(false);
                throw;
            }
        }

        item.Done?.TrySetResult(true);
    }

    private async Task StepAsync(ConferenceInput input)
    {
        _spans.BeginStep(input);
        try
        {
            await TakeEffectAsync(input);
        }
        finally
        {
            _spans.EndStep(_conference, input);
        }
    }

    private async Task TakeEffectAsync(ConferenceInput input)
    {
        switch (await ConferenceStep.RunAsync(_conference, input, _epoch, this))
        {
            case StepOutcome.Lost:
                LogLost();
                Finish();
                // Calls that wait for their turn are the next owner's to make.
                await _stop.CancelAsync();
                return;
            case StepOutcome.Ended:
                Finish();
                break;
        }

        _summary = ConferenceSummary.Of(_conference);
        if (!_done) SetTimer();
    }

    ConferenceContext IConferenceWorld.Context => new(_services.Clock.Now, _services.Watch.Snapshot, _services.Caps.Known);

    ValueTask<bool> IConferenceWorld.WriteAsync(string key, long epoch, DocumentChange change) =>
        new(PersistAsync(() => _services.Store.WriteAsync(key, epoch, change, _stop.Token)));

    async ValueTask IConferenceWorld.DeleteAsync(string key, long epoch) => await PersistAsync(() => _services.Store.DeleteAsync(key, epoch, _stop.Token));

    async ValueTask IConferenceWorld.SendAsync(LinkQueue queue, StanzaEnvelope envelope)
    {
        if (envelope.Stanza.Length > LinkLimits.StanzaCharacters)
        {
            // The link would refuse it for ever, and everything behind it would wait.
            LogTooLong(envelope.Stanza.Length, _conference.Document.Core.MeetingId);
            _services.Metrics.Count(ConferenceEvent.InputFailed, 1);
            return;
        }

        await PersistAsync(async () =>
        {
            await _services.Link.SendAsync(queue, envelope, _stop.Token);
            return true;
        });
    }

    // The state is written: a failure from here on must neither undo it nor hold back the next inputs.
    void IConferenceWorld.Tell(ConferenceOutput output)
    {
        try
        {
            Tell(output);
        }
        catch (Exception exception)
        {
            LogOutputFailed(exception, output.GetType().Name, _conference.Document.Core.MeetingId);
        }
    }

    private void Tell(ConferenceOutput output)
    {
        switch (output)
        {
            case CallBridge call:
                Call(call);
                break;
            case InviteEnded ended:
                _spans.End(ended.Nick, ended.Sent);
                break;
            case CapsLearned learned:
                _services.Caps.Learn(learned.Caps, learned.Features);
                break;
            case EndpointPlaced placed:
                _services.Watch.Placed(placed.BridgeId);
                break;
            case BridgeFailed failed:
                _services.Watch.Unreachable(failed.BridgeId, failed.Instance);
                break;
            case AllocationFailed failed:
                _services.Watch.AllocationFailed(failed.BridgeId, failed.Instance, Room);
                break;
            case BridgeLeaving leaving:
                _services.Watch.Leaving(leaving.BridgeId, leaving.Instance);
                break;
            case Counted counted:
                _services.Metrics.Count(counted.Event, counted.Count);
                if (counted.Event == ConferenceEvent.NoBridgeAvailable) LogNoBridge(_conference.Document.Core.MeetingId);
                break;
            case RestartGranted restart:
                LogRestart(restart.Nick, _conference.Document.Core.MeetingId);
                break;
            case JingleRefused refused:
                _services.Metrics.JingleRefused(refused.Condition);
                break;
            case ConferenceBegan:
                _services.Metrics.Created();
                break;
        }
    }

    // One call at a time for each bridge: gRPC keeps no order between calls, and a bridge must see create before update before expire.
    private void Call(CallBridge call)
    {
        var before = _callTails.GetValueOrDefault(call.BridgeId, Task.CompletedTask);
        _callTails[call.BridgeId] = CallAfterAsync(before, call, _spans.ContextOf(call));
    }

    private async Task CallAfterAsync(Task before, CallBridge call, string? trace)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        try
        {
            Post(new BridgeReplied(call.Call, await _services.Bridges.ModifyAsync(call.ControlAddress, call.Request, trace, _stop.Token)));
        }
        catch (Exception exception) when (_stop.IsCancellationRequested && exception is (OperationCanceledException or Grpc.Core.RpcException))
        {
            // The next owner makes the call again. A bridge in the same process may have stopped before us.
        }
        catch (Exception exception)
        {
            LogCallFailed(exception, call.Request.Endpoints.Count > 0 ? call.Request.Endpoints[0].Id : "", call.Request.MeetingId);
            Post(new BridgeReplied(call.Call, Bridges.BridgeReply.Failed(Bridges.BridgeFailure.Unspecified)));
        }
    }

    // Store and link are waited for: nothing goes out before it is written, and nothing that was written is left unsaid.
    private async Task<bool> PersistAsync(Func<ValueTask<bool>> attempt)
    {
        for (var delay = FirstRetry; ; delay = delay * 2 > LastRetry ? LastRetry : delay * 2)
        {
            try
            {
                return await attempt();
            }
            catch (Exception exception) when (!(exception is OperationCanceledException && _stop.IsCancellationRequested))
            {
                // A cancellation of somebody else, as drivers throw for a time limit, is a failure like the others.
                LogRetry(exception);
                await Task.Delay(delay, _services.Clock.Provider, _stop.Token);
            }
        }
    }

    /// <summary>
    /// Makes the machine anew from what is written before the input, and lets it answer. Stanzas and calls of earlier inputs were carried
    /// out by this host, and are not repeated.
    /// </summary>
    private async Task RecoverAsync(ConferenceInput input)
    {
        if (await TryReloadAsync())
        {
            try
            {
                await StepAsync(new InputFailed(input));
                return;
            }
            catch (Exception exception) when (!(exception is OperationCanceledException && _stop.IsCancellationRequested))
            {
                LogInputFailed(exception, nameof(InputFailed), _conference.Document.Core.MeetingId, EndpointOf(input));
            }

            await AnswerAsync(input);
            if (await TryReloadAsync())
            {
                _summary = ConferenceSummary.Of(_conference);
                SetTimer();
                return;
            }
        }
        else
        {
            await AnswerAsync(input);
        }

        // It was never written, or cannot be read: there is no state to continue from.
        Finish();
    }

    private async Task<bool> TryReloadAsync()
    {
        StoredDocument? stored = null;
        await PersistAsync(async () =>
        {
            stored = await _services.Store.ReadAsync(_key, _stop.Token);
            return true;
        });
        if (stored is null) return false;
        if (ConferenceDocument.TryLoad(stored.Fields, out _) is not { } document)
        {
            LogReloadFailed(_conference.Document.Core.MeetingId);
            return false;
        }

        _conference = new Conference(document, _services.Options, _services.Random);
        return true;
    }

    // Past the machine, which could not.
    private async Task AnswerAsync(ConferenceInput input)
    {
        if (input is not StanzaReceived received || !Stanzas.IsRequest(received.Stanza)) return;
        var answer = FocusPartitions.Reply(received.Envelope, Stanzas.Error(received.Stanza, StanzaError.InternalServerError), _epoch);
        await ((IConferenceWorld)this).SendAsync(LinkQueue.Partition("signalling", Contracts.Partitions.Of(Room)), answer);
    }

    // Nothing that the sender chose freely: it goes into the log.
    private static string DescriptionOf(ConferenceInput input)
    {
        if (input is not StanzaReceived { Stanza: var stanza }) return input.GetType().Name;
        var action = stanza.Child("jingle", JingleNamespaces.Jingle)?["action"];
        return action is not null && JingleActions.TryParse(action, out var known) ? $"{stanza.Name} {JingleActions.Name(known)}" : stanza.Name;
    }

    private string EndpointOf(ConferenceInput input) => input switch
    {
        StanzaReceived received => Jid.TryParse(received.Stanza["from"], out var from) && from.Bare.ToString() == Room ? from.Resource ?? "" : "",
        BridgeReplied replied => _conference.Document.FindCall(replied.Call)?.Nick ?? "",
        _ => "",
    };

    private void SetTimer()
    {
        var next = _conference.NextDeadline;
        var due = next == MonotonicTime.Never ? Timeout.InfiniteTimeSpan : next - _services.Clock.Now;
        if (due != Timeout.InfiniteTimeSpan && due < TimeSpan.Zero) due = TimeSpan.Zero;
        // A timer counts whole milliseconds; one that fires early would only be set again.
        _timer.Change(due == Timeout.InfiniteTimeSpan ? due : due + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private void Finish()
    {
        if (_done) return;
        _done = true;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _ended(this);
        _mailbox.Writer.TryComplete();
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Conference {Meeting} failed on {Input} of endpoint {Endpoint} and continues from its stored state")]
    private partial void LogInputFailed(Exception exception, string input, string meeting, string endpoint);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "A conference belongs to another node now")]
    private partial void LogLost();

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message = "A call to a bridge failed on our side, for endpoint {Endpoint} of conference {Meeting}")]
    private partial void LogCallFailed(Exception exception, string endpoint, string meeting);

    [LoggerMessage(EventId = 4, Level = LogLevel.Error, Message = "Output {Output} of conference {Meeting} could not be carried out")]
    private partial void LogOutputFailed(Exception exception, string output, string meeting);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "Store or link failed; trying again")]
    private partial void LogRetry(Exception exception);

    [LoggerMessage(EventId = 6, Level = LogLevel.Error, Message = "Conference {Meeting} could not be read back from the store")]
    private partial void LogReloadFailed(string meeting);

    [LoggerMessage(EventId = 7, Level = LogLevel.Error, Message = "A stanza of {Characters} characters of conference {Meeting} is too long for the link, and is dropped")]
    private partial void LogTooLong(int characters, string meeting);

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning, Message = "No media bridge takes conference {Meeting}; its people are told (MESH-BRIDGE-1)")]
    private partial void LogNoBridge(string meeting);

    [LoggerMessage(EventId = 9, Level = LogLevel.Information, Message = "The media of endpoint {Endpoint} of conference {Meeting} broke or never came; it is invited anew (MESH-ICE-1 when that does not help)")]
    private partial void LogRestart(string endpoint, string meeting);

    private readonly record struct Item(ConferenceInput Input, TaskCompletionSource<bool>? Done);
}
