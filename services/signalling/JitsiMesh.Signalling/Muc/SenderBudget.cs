using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// What one session may make rooms put out, in octets: together, and to any one other receiver. A stanza is handled first and paid for afterwards; a sender in
/// debt has nothing relayed until it is paid back.
/// </summary>
public sealed class SenderBudget
{
    private readonly TokenBucket _all;
    private readonly TokenBucket _each;

    private SenderBudget(TokenBucket all, TokenBucket each) => (_all, _each) = (all, each);

    public static SenderBudget OfSession() => new(
        new TokenBucket(SignallingLimits.RelayedOctetsPerSecond, SignallingLimits.RelayedOctetsBurst),
        new TokenBucket(SignallingLimits.ReceiverOctetsPerSecond, SignallingLimits.ReceiverOctetsBurst));

    /// <summary>Of all sessions of one address in one room.</summary>
    public static SenderBudget OfAddress() => new(
        new TokenBucket(SignallingLimits.AddressRelayedOctetsPerSecond, SignallingLimits.AddressRelayedOctetsBurst),
        new TokenBucket(SignallingLimits.AddressReceiverOctetsPerSecond, SignallingLimits.AddressReceiverOctetsBurst));

    /// <summary>How long until nothing is owed.</summary>
    public TimeSpan Wait(MonotonicTime now)
    {
        var (all, each) = (_all.Wait(now), _each.Wait(now));
        return all > each ? all : each;
    }

    /// <summary>Takes what the outputs of one stanza cost.</summary>
    /// <param name="sender">The full JID of the session that sent it.</param>
    /// <param name="outputs">What it made rooms put out.</param>
    /// <param name="ofAddress">The budget of the sender's address, which pays too; null for none.</param>
    /// <param name="now">The time.</param>
    public void Charge(string sender, RoomOutputs outputs, SenderBudget? ofAddress, MonotonicTime now)
    {
        long all = 0;
        long shared = 0;
        var single = 0L;
        Dictionary<string, long>? singles = null;
        string? last = null;
        foreach (var delivery in outputs.Deliveries)
        {
            var octets = (long)delivery.Frame.Head.Length + (delivery.Frame.Tail?.Length ?? 0);
            all += octets * delivery.To.Count;
            if (delivery.To.Count > 1)
            {
                shared += octets;
                continue;
            }

            // What a sender gets itself harms nobody else.
            if (delivery.To.Count == 0 || delivery.To[0].FullJid == sender) continue;
            var receiver = delivery.To[0].FullJid;
            if (singles is null && (last is null || last == receiver))
            {
                last = receiver;
                single += octets;
                continue;
            }

            singles ??= new Dictionary<string, long>(StringComparer.Ordinal) { [last!] = single };
            single = Math.Max(single, singles[receiver] = singles.GetValueOrDefault(receiver) + octets);
        }

        foreach (var service in outputs.Services) all += service.Envelope.Stanza.Length;
        foreach (var change in outputs.Changes.Values)
        {
            foreach (var value in change.Fields.Values) all += value?.Length ?? 0;
        }

        _all.Take(all, now);
        _each.Take(shared + single, now);
        ofAddress?._all.Take(all, now);
        ofAddress?._each.Take(shared + single, now);
    }

    /// <summary>Takes what a stanza costs that made a room fail.</summary>
    public void ChargeFailure(MonotonicTime now) => _all.Take(SignallingLimits.FailureOctets, now);
}
