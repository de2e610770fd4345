using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// What one session may make rooms put out, in octets: together, and to any one other receiver. A stanza is handled first and paid for afterwards; a sender in
/// debt has nothing relayed until it is paid back.
/// </summary>
public sealed class SenderBudget
{
    private readonly TokenBucket _all = new(SignallingLimits.RelayedOctetsPerSecond, SignallingLimits.RelayedOctetsBurst);
    private readonly TokenBucket _each = new(SignallingLimits.ReceiverOctetsPerSecond, SignallingLimits.ReceiverOctetsBurst);

    /// <summary>How long until nothing is owed.</summary>
    public TimeSpan Wait(MonotonicTime now)
    {
        var (all, each) = (_all.Wait(now), _each.Wait(now));
        return all > each ? all : each;
    }

    /// <summary>Takes what the outputs of one stanza cost.</summary>
    public void Charge(string sender, RoomOutputs outputs, MonotonicTime now)
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
    }

    /// <summary>Takes what a stanza costs that made a room fail.</summary>
    public void ChargeFailure(MonotonicTime now) => _all.Take(SignallingLimits.FailureOctets, now);
}
