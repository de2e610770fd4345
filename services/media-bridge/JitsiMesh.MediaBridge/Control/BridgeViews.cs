using System.Buffers;
using System.Text.Json;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>The state of the bridge as JSON, written on the shard's thread. Without names and addresses.</summary>
internal static class BridgeViews
{
    public static byte[] Statistics(BridgeShard shard, BridgeLoad load) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("conferences", shard.Conferences.Count);
        writer.WriteNumber("participants", shard.EndpointCount);
        writer.WriteNumber("largest_conference", shard.Conferences.Select(c => c.Endpoints.Count).DefaultIfEmpty().Max());
        writer.WriteNumber("total_conferences_created", shard.Counters.ConferencesCreated);
        writer.WriteNumber("total_conferences_completed", shard.Counters.ConferencesEnded);
        writer.WriteNumber("total_participants", shard.Counters.EndpointsCreated);
        writer.WriteNumber("total_ice_failed", shard.Counters.IceFailed);
        writer.WriteNumber("total_packets_received", shard.Ports.Sum(p => p.Counters.DatagramsReceived));
        writer.WriteNumber("total_packets_sent", shard.Ports.Sum(p => p.Counters.DatagramsSent));
        writer.WriteNumber("undeliverable_packets", shard.Counters.Undeliverable);
        writer.WriteNumber("send_dropped_packets", shard.Ports.Sum(p => p.Counters.SendDropped));
        writer.WriteNumber("stress_level", Math.Round(load.Stress, 3));
        writer.WriteNumber("media_thread_use", Math.Round(load.ThreadUse, 3));
        writer.WriteNumber("media_thread_lag_ms", Math.Round(load.Lag.TotalMilliseconds, 3));
        writer.WriteNumber("machine_use", Math.Round(load.MachineUse, 3));
        writer.WriteNumber("requests_refused", shard.Counters.CommandsRefused);
        writer.WriteNumber("trains_refused", shard.Ports.Sum(p => p.Counters.TrainsRefused));
        writer.WriteNumber("receive_buffer_bytes", shard.Ports[0].Buffers.Receive);
        writer.WriteNumber("send_buffer_bytes", shard.Ports[0].Buffers.Send);
        writer.WriteStartObject("faults");
        foreach (var kind in Enum.GetValues<ShardFault>()) writer.WriteNumber(kind.ToString(), shard.Counters.Faults(kind));
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    public static byte[] Debug(BridgeShard shard, MonotonicTime now) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("drops");
        writer.WriteNumber("undeliverable", shard.Counters.Undeliverable);
        foreach (var (reason, count) in shard.Drops.Published)
        {
            if (count > 0) writer.WriteNumber(reason, count);
        }

        writer.WriteEndObject();
        writer.WriteNumber("addresses", shard.AddressCount);
        writer.WriteNumber("ufrags", shard.UfragCount);
        writer.WriteStartArray("conferences");
        foreach (var conference in shard.Conferences)
        {
            writer.WriteStartObject();
            writer.WriteString("id", conference.Id);
            writer.WriteString("meetingId", conference.MeetingId);
            writer.WriteNumber("ageSeconds", (long)(now - conference.CreatedAt).TotalSeconds);
            writer.WriteString("dominantSpeaker", conference.Speech.Dominant?.Id);
            writer.WriteStartArray("endpoints");
            foreach (var endpoint in conference.Endpoints) Endpoint(writer, endpoint, now);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void Endpoint(Utf8JsonWriter writer, BridgeEndpoint endpoint, MonotonicTime now)
    {
        var counters = endpoint.Counters;
        writer.WriteStartObject();
        writer.WriteString("id", endpoint.Id);
        writer.WriteBoolean("visitor", endpoint.IsVisitor);
        writer.WriteBoolean("ssrcRewriting", endpoint.RewritesSsrcs);
        writer.WriteString("ice", endpoint.Transport.Ice.State.ToString());
        writer.WriteNumber("keptStreams", endpoint.KeptStreams);
        writer.WriteNumber("keptVideoTypes", endpoint.KeptVideoTypes);
        writer.WriteNumber("candidatesRefused", endpoint.Transport.Ice.CandidatesRefused);
        writer.WriteNumber("checksWithheld", endpoint.Transport.Ice.ChecksWithheld);
        writer.WriteString("dtls", endpoint.Transport.DtlsState.ToString());
        writer.WriteString("failure", endpoint.Failure.ToString());
        writer.WriteString("channel", endpoint.Channel.Kind);
        writer.WriteNumber("silentSeconds", Math.Round((now - endpoint.LastActivity).TotalSeconds, 1));
        if (endpoint.RoundTripTime is { } rtt) writer.WriteNumber("rttMilliseconds", Math.Round(rtt.TotalMilliseconds, 1));
        writer.WriteNumber("packetsReceived", counters.PacketsReceived);
        writer.WriteNumber("packetsSent", counters.PacketsSent);
        writer.WriteNumber("retransmitted", counters.Retransmitted);
        writer.WriteNumber("nacksUnanswered", counters.NacksAnsweredEmpty);
        writer.WriteNumber("keyframesRequested", counters.KeyframesRequested);
        writer.WriteStartObject("channelMessages");
        writer.WriteNumber("received", counters.ChannelMessagesReceived);
        writer.WriteNumber("sent", counters.ChannelMessagesSent);
        writer.WriteNumber("rejected", counters.ChannelMessagesRejected);
        writer.WriteEndObject();
        Drops(writer, endpoint);
        writer.WriteStartObject("allocation");
        writer.WriteNumber("estimateBps", endpoint.EstimateBps);
        writer.WriteNumber("targetBps", endpoint.Allocation.TargetBps);
        writer.WriteNumber("idealBps", endpoint.Allocation.IdealBps);
        writer.WriteBoolean("oversending", endpoint.Allocation.IsOversending);
        writer.WriteNumber("lastN", endpoint.Allocation.Settings.LastN);
        writer.WriteEndObject();
        Sending(writer, endpoint, now);
        Receiving(writer, endpoint);
        writer.WriteEndObject();
    }

    private static void Drops(Utf8JsonWriter writer, BridgeEndpoint endpoint)
    {
        writer.WriteStartObject("drops");
        for (var reason = (PacketDrop)0; reason < PacketDrop.Count; reason++)
        {
            if (endpoint.Counters.Dropped(reason) > 0) writer.WriteNumber(reason.ToString(), endpoint.Counters.Dropped(reason));
        }

        foreach (var reason in Enum.GetValues<PeerDrop>())
        {
            if (endpoint.Transport.Counters[reason] > 0) writer.WriteNumber("transport" + reason, endpoint.Transport.Counters[reason]);
        }

        writer.WriteEndObject();
    }

    private static void Sending(Utf8JsonWriter writer, BridgeEndpoint endpoint, MonotonicTime now)
    {
        writer.WriteStartArray("sending");
        foreach (var source in endpoint.AudioSources)
        {
            writer.WriteStartObject();
            writer.WriteString("source", source.Name);
            writer.WriteNumber("packets", source.Statistics.PacketsReceived);
            writer.WriteEndObject();
        }

        foreach (var source in endpoint.VideoSources)
        {
            writer.WriteStartObject();
            writer.WriteString("source", source.Name);
            writer.WriteString("type", source.VideoType.ToString());
            writer.WriteNumber("requestedHeight", source.MaxRequestedHeight);
            writer.WriteStartArray("encodings");
            foreach (var encoding in source.Encodings)
            {
                writer.WriteStartObject();
                writer.WriteNumber("ssrc", encoding.Ssrc);
                writer.WriteNumber("height", encoding.Height);
                writer.WriteNumber("bps", encoding.BitsPerSecond(now));
                writer.WriteNumber("packets", encoding.Statistics.PacketsReceived);
                writer.WriteNumber("nacked", encoding.Nacks.Requested);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Receiving(Utf8JsonWriter writer, BridgeEndpoint endpoint)
    {
        writer.WriteStartArray("receiving");
        foreach (var (source, subscription) in endpoint.VideoSubscriptions)
        {
            writer.WriteStartObject();
            writer.WriteString("source", source.Name);
            writer.WriteNumber("maxHeight", subscription.EffectiveConstraints.MaxHeight);
            writer.WriteNumber("targetLayer", subscription.TargetLayer);
            writer.WriteNumber("encoding", subscription.Projection?.CurrentEncoding ?? -1);
            if (subscription.Stream is { } stream)
            {
                writer.WriteNumber("ssrc", stream.Ssrc);
                writer.WriteNumber("packets", stream.PacketCount);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static byte[] Write(Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer)) body(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
