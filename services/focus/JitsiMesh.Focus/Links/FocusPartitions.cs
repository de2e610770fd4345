using System.Collections.Concurrent;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Telemetry;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Focus.Links;

/// <summary>The partitions that this node owns and the conferences in them. It only finds the conference an envelope is for; the conference decides.</summary>
public sealed partial class FocusPartitions : IPartitionConsumer, IHostedService, IAsyncDisposable
{
    public const string Role = "focus";

    private readonly ConferenceServices _services;
    private readonly ILogger<FocusPartitions> _logger;
    private readonly ConcurrentDictionary<int, OwnedPartition> _owned = new();
    private readonly SessionTickets _tickets;
    private IAsyncDisposable? _consumption;

    public FocusPartitions(ConferenceServices services, SessionTickets tickets, ILogger<FocusPartitions> logger)
    {
        _services = services;
        _logger = logger;
        _tickets = tickets;
        services.Metrics.Observe(Totals);
    }

    public IEnumerable<ConferenceHost> Conferences => _owned.Values.SelectMany(partition => partition.Conferences.Values);

    public IReadOnlyList<int> Owned => [.. _owned.Keys.Order()];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _services.Watch.Changed += OnBridgesChanged;
        _consumption = await _services.Link.ConsumePartitionsAsync(Role, this, cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Handing over needs the broker, which may be away: the host's time to stop bounds it.
            await DisposeAsync().AsTask().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogNotHandedOver();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _services.Watch.Changed -= OnBridgesChanged;
        if (Interlocked.Exchange(ref _consumption, null) is { } consumption) await consumption.DisposeAsync();
        foreach (var partition in _owned.Keys) await LostAsync(partition);
    }

    public async ValueTask AcquiredAsync(int partition, long epoch, CancellationToken cancellation)
    {
        var owned = new OwnedPartition(epoch);
        foreach (var key in await _services.Store.KeysAsync(ConferenceDocument.KeyPrefix(partition), cancellation))
        {
            // First the owner before is kept out, then its last word is read.
            await _services.Store.WriteAsync(key, epoch, new Contracts.Store.DocumentChange(), cancellation);
            var stored = await _services.Store.ReadAsync(key, cancellation);
            if (stored is null) continue;
            if (ConferenceDocument.TryLoad(stored.Fields, out var outbox) is not { } document)
            {
                // Gone, so that the next conference of that room has nothing of it.
                LogUnreadable(partition);
                await _services.Store.DeleteAsync(key, epoch, cancellation);
                continue;
            }

            var host = Host(owned, new Conference(document, _services.Options, _services.Random));
            await host.HandleAsync(new TakenOver(outbox));
            host.Post(new BridgesChanged());
        }

        _owned[partition] = owned;
        LogAcquired(partition, epoch, owned.Conferences.Count);
    }

    public async ValueTask LostAsync(int partition)
    {
        if (!_owned.TryRemove(partition, out var owned)) return;
        foreach (var host in owned.Conferences.Values) await host.DisposeAsync();
        LogLost(partition);
    }

    public async ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation)
    {
        if (!_owned.TryGetValue(Contracts.Partitions.Of(envelope.Room), out var owned)) return;
        if (!XmppParser.TryParse(envelope.Stanza, out var stanza, out var error))
        {
            LogMalformed(error);
            _services.Metrics.Count(ConferenceEvent.MalformedStanza, 1);
            return;
        }

        try
        {
            await DispatchAsync(owned, envelope, stanza, cancellation);
        }
        catch (Exception exception) when (exception is not OwnershipLostException && !(exception is OperationCanceledException && cancellation.IsCancellationRequested))
        {
            // A fault of our own before any conference had the input: only its sender is affected.
            LogDispatchFailed(exception, stanza.Name);
            _services.Metrics.Count(ConferenceEvent.InputFailed, 1);
            await AnswerAsync(envelope, stanza, StanzaError.InternalServerError, owned.Epoch, cancellation);
        }
    }

    private async ValueTask DispatchAsync(OwnedPartition owned, StanzaEnvelope envelope, XmppElement stanza, CancellationToken cancellation)
    {
        var ticket = await TicketAsync(envelope, stanza, owned.Epoch, cancellation);
        if (ticket is { Answered: true }) return;
        // A conference that ends at this very moment leaves the envelope to the next one in its room.
        while (true)
        {
            if (!owned.Conferences.TryGetValue(envelope.Room, out var host))
            {
                if (!ConferenceRequest.Is(stanza))
                {
                    if (FocusLogin.TryAnswer(stanza, _services.Options, ticket.Found) is { } login) await SendAsync(Reply(envelope, login, owned.Epoch), cancellation);
                    else await AnswerAsync(envelope, stanza, StanzaError.ItemNotFound, owned.Epoch, cancellation);
                    return;
                }

                if (ConferenceAdmission.Decide(stanza, envelope.Origin, exists: false, _services.Options, _services.Clock.Now, ticket.Found).Refusal is { } refusal)
                {
                    await AnswerAsync(envelope, stanza, refusal, owned.Epoch, cancellation);
                    return;
                }

                host = Host(owned, new Conference(envelope.Room, _services.Options, _services.Random));
            }

            if (await host.HandleAsync(new StanzaReceived(envelope, stanza) { Ticket = ticket.Found })) return;
            // Lost meanwhile: the envelope is the next owner's.
            cancellation.ThrowIfCancellationRequested();
            if (!_owned.TryGetValue(Contracts.Partitions.Of(envelope.Room), out var still) || still != owned) return;
            owned.Conferences.TryRemove(KeyValuePair.Create(envelope.Room, host));
        }
    }

    /// <summary>
    /// The login that the stanza is about. While the store does not say, the client asks again: every error would end its attempt for good.
    /// </summary>
    private async ValueTask<(SessionTicket? Found, bool Answered)> TicketAsync(StanzaEnvelope envelope, XmppElement stanza, long epoch, CancellationToken cancellation)
    {
        try
        {
            return (await _tickets.OfAsync(stanza, envelope.Origin, cancellation), false);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && ConferenceRequest.Is(stanza))
        {
            LogNoTickets(exception);
            var waiting = new WaitingRequest(stanza["id"] ?? "", stanza["from"] ?? envelope.Origin?.RealJid ?? "", stanza["to"] ?? _services.Options.ServiceAddress);
            await SendAsync(Reply(envelope, ConferenceRequest.Answer(waiting, envelope.Room, ready: false, _services.Options), epoch), cancellation);
            return (null, true);
        }
    }

    private ConferenceHost Host(OwnedPartition owned, Conference conference)
    {
        var host = new ConferenceHost(conference, owned.Epoch, ended => owned.Conferences.TryRemove(KeyValuePair.Create(ended.Room, ended)), _services);
        owned.Conferences[host.Room] = host;
        return host;
    }

    private async ValueTask AnswerAsync(StanzaEnvelope envelope, XmppElement stanza, StanzaError error, long epoch, CancellationToken cancellation)
    {
        if (Stanzas.IsRequest(stanza)) await SendAsync(Refusal(envelope, stanza, error, epoch), cancellation);
    }

    private ValueTask SendAsync(StanzaEnvelope answer, CancellationToken cancellation) =>
        _services.Link.SendAsync(LinkQueue.Partition("signalling", Contracts.Partitions.Of(answer.Room)), answer, cancellation);

    public static StanzaEnvelope Refusal(StanzaEnvelope envelope, XmppElement stanza, StanzaError error, long epoch) => Reply(envelope, Stanzas.Error(stanza, error), epoch);

    /// <summary>The answer to a request that no conference takes, under a number that the same request gives again.</summary>
    public static StanzaEnvelope Reply(StanzaEnvelope envelope, XmppElement answer, long epoch) =>
        new()
        {
            Room = envelope.Room,
            Stanza = answer.ToString(),
            Epoch = epoch,
            AskerQueue = envelope.ReplyQueue,
            Sender = envelope.Sequence > 0 ? envelope.Sender + ">" : "",
            Sequence = envelope.Sequence,
        };

    private void OnBridgesChanged()
    {
        foreach (var host in Conferences) host.Post(new BridgesChanged());
    }

    private FocusTotals Totals()
    {
        var (conferences, participants, largest) = (0, 0, 0);
        foreach (var host in Conferences)
        {
            var count = host.Summary.Participants.Count;
            conferences++;
            participants += count;
            largest = Math.Max(largest, count);
        }

        return new FocusTotals(conferences, participants, largest);
    }

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "Stopped before all conferences were handed over; their next owner continues from the store")]
    private partial void LogNotHandedOver();

    [LoggerMessage(EventId = 6, Level = LogLevel.Error, Message = "A {Stanza} on the link could not be given to a conference")]
    private partial void LogDispatchFailed(Exception exception, string stanza);

    [LoggerMessage(EventId = 7, Level = LogLevel.Error, Message = "Logins in meetings could not be read or written; who asks is told to ask again")]
    private partial void LogNoTickets(Exception exception);

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "Owns partition {Partition} in epoch {Epoch} with {Conferences} conferences")]
    private partial void LogAcquired(int partition, long epoch, int conferences);

    [LoggerMessage(EventId = 2, Level = LogLevel.Debug, Message = "Lost partition {Partition}")]
    private partial void LogLost(int partition);

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message = "A stored conference of partition {Partition} cannot be read")]
    private partial void LogUnreadable(int partition);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "A stanza on the link cannot be read: {Error}")]
    private partial void LogMalformed(XmppParseError error);

    private sealed class OwnedPartition(long epoch)
    {
        public long Epoch { get; } = epoch;

        public ConcurrentDictionary<string, ConferenceHost> Conferences { get; } = new(StringComparer.Ordinal);
    }
}
