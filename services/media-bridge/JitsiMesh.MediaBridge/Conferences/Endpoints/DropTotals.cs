using System.Globalization;
using System.Text;
using JitsiMesh.Dtls;
using JitsiMesh.Ice;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.PeerTransport;
using JitsiMesh.Sctp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>
/// The packets that the shard dropped since its start, by reason, including those of former endpoints. Each endpoint has plain counters; the shard's thread adds them up
/// periodically, and any thread may read the sums. The sums never decrease.
/// </summary>
internal sealed class DropTotals
{
    private static readonly (string Reason, Func<BridgeEndpoint, long> Of)[] Reasons = [.. ListReasons()];

    private readonly long[] _ended = new long[Reasons.Length];
    private readonly long[] _now = new long[Reasons.Length];
    private readonly long[] _published = new long[Reasons.Length];

    public static IEnumerable<string> Names => Reasons.Select(r => r.Reason);

    /// <summary>The values of the last <see cref="Publish"/>. Readable from any thread.</summary>
    public IEnumerable<(string Reason, long Count)> Published
    {
        get
        {
            for (var i = 0; i < Reasons.Length; i++) yield return (Reasons[i].Reason, Volatile.Read(ref _published[i]));
        }
    }

    /// <summary>Adds the counts of an endpoint that ended; the caller must not count it as a live one again.</summary>
    public void Keep(BridgeEndpoint ended)
    {
        for (var i = 0; i < Reasons.Length; i++) _ended[i] += Reasons[i].Of(ended);
    }

    /// <summary>Adds up the counts of ended and live endpoints.</summary>
    public void Publish(Dictionary<string, Conference>.ValueCollection conferences)
    {
        _ended.CopyTo(_now, 0);
        foreach (var conference in conferences)
        {
            var endpoints = conference.Endpoints;
            for (var e = 0; e < endpoints.Count; e++)
            {
                for (var i = 0; i < Reasons.Length; i++) _now[i] += Reasons[i].Of(endpoints[e]);
            }
        }

        for (var i = 0; i < Reasons.Length; i++) Volatile.Write(ref _published[i], _now[i]);
    }

    private static IEnumerable<(string Reason, Func<BridgeEndpoint, long> Of)> ListReasons()
    {
        for (var reason = (PacketDrop)0; reason < PacketDrop.Count; reason++)
        {
            var drop = reason;
            yield return (Name("packet", drop.ToString()), e => e.Counters.Dropped(drop));
        }

        foreach (var drop in Enum.GetValues<PeerDrop>())
        {
            // The agent's own reasons are more specific.
            if (drop != PeerDrop.Stun) yield return (Name("transport", drop.ToString()), e => e.Transport.Counters[drop]);
        }

        foreach (var drop in Enum.GetValues<IceInput>())
        {
            if (drop >= IceInput.Malformed) yield return (Name("stun", drop.ToString()), e => e.Transport.Counters[drop]);
        }

        foreach (var drop in Enum.GetValues<DtlsDrop>()) yield return (Name("dtls", drop.ToString()), e => e.Transport.DtlsCounters?[drop] ?? 0);
        foreach (var drop in Enum.GetValues<SctpDrop>()) yield return (Name("sctp", drop.ToString()), e => e.Transport.SctpCounters?[drop] ?? 0);
        foreach (var drop in Enum.GetValues<ChannelRejection>())
        {
            if (drop != ChannelRejection.None) yield return (Name("channel", drop.ToString()), e => e.Counters.Rejected(drop));
        }

        yield return ("channel_second_refused", e => e.Counters.RejectedDataChannels);
    }

    /// <summary>The name in Prometheus style.</summary>
    private static string Name(string part, string reason)
    {
        var name = new StringBuilder(part);
        foreach (var letter in reason)
        {
            if (char.IsUpper(letter)) name.Append('_');
            name.Append(char.ToLower(letter, CultureInfo.InvariantCulture));
        }

        return name.ToString();
    }
}
