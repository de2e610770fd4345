import type { MediaSession } from './MediaSession';

/** What one look at the connection says; rates in kilobits per second, loss in per cent, times in milliseconds. */
export interface ConnectionStats {
  upKbps: number;
  downKbps: number;
  lossUp: number;
  lossDown: number;
  rttMs: number | null;
  transport: string | null;
  /** 0 to 100. */
  quality: number;
  /** Per own video layer that is sent. */
  sent: { width: number; height: number; fps: number }[];
  /** Per remote source. */
  received: Record<string, { width: number; height: number; fps: number }>;
}

interface Totals {
  at: number;
  sent: number;
  received: number;
  packetsReceived: number;
  packetsLost: number;
}

type Entry = Record<string, unknown> & { type: string; id: string };
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Turns reports of the browser into rates; keeps the totals of the last look. */
export class Statistics {
  private last: Totals | null = null;

  async read(session: MediaSession): Promise<ConnectionStats> {
    const report = await session.peer.getStats();
    const entries: Entry[] = [];
    report.forEach((value: Entry) => {
      entries.push(value);
    });
    const receivedByTrack = new Map<string, Entry>();
    for (const e of entries) {
      if (e.type === 'inbound-rtp' && e.kind === 'video') receivedByTrack.set(String(e.trackIdentifier), e);
    }
    const stats = this.digest(entries, performance.now());
    for (const remote of session.remoteTracks.values()) {
      const inbound = remote.kind === 'video' ? receivedByTrack.get(remote.track.id) : undefined;
      if (inbound) stats.received[remote.sourceName] = picture(inbound);
    }
    return stats;
  }

  digest(entries: readonly Entry[], now: number): ConnectionStats {
    const of = (type: string) => entries.filter((e) => e.type === type);
    const sum = (list: readonly Entry[], key: string) => list.reduce((total, e) => total + number(e[key]), 0);
    const inbound = of('inbound-rtp');
    const outbound = of('outbound-rtp');
    const totals: Totals = {
      at: now,
      sent: sum(outbound, 'bytesSent'),
      received: sum(inbound, 'bytesReceived'),
      packetsReceived: sum(inbound, 'packetsReceived'),
      packetsLost: sum(inbound, 'packetsLost'),
    };
    const before = this.last ?? { ...totals, at: now - 1000 };
    this.last = totals;
    const seconds = Math.max(0.001, (totals.at - before.at) / 1000);
    const kbps = (bytes: number) => Math.max(0, Math.round((bytes * 8) / 1000 / seconds));
    const lost = Math.max(0, totals.packetsLost - before.packetsLost);
    const expected = lost + Math.max(0, totals.packetsReceived - before.packetsReceived);
    const lossDown = expected > 0 ? (lost / expected) * 100 : 0;
    const remotes = of('remote-inbound-rtp');
    const lossUp = remotes.length > 0 ? Math.max(...remotes.map((r) => Math.max(0, number(r.fractionLost)) * 100)) : 0;
    const pair = of('candidate-pair').find((p) => p.nominated === true && p.state === 'succeeded');
    const local = entries.find((e) => e.id === pair?.localCandidateId);
    const rttMs =
      pair && typeof pair.currentRoundTripTime === 'number' ? Math.round(pair.currentRoundTripTime * 1000) : null;
    return {
      upKbps: kbps(totals.sent - before.sent),
      downKbps: kbps(totals.received - before.received),
      lossUp: round(lossUp),
      lossDown: round(lossDown),
      rttMs,
      transport: local ? `${String(local.protocol)} (${String(local.candidateType)})` : null,
      quality: connectionQuality(lossUp, lossDown, rttMs),
      sent: outbound.filter((o) => o.kind === 'video' && number(o.framesPerSecond) > 0).map(picture),
      received: {},
    };
  }
}

function picture(entry: Entry): { width: number; height: number; fps: number } {
  return {
    width: number(entry.frameWidth),
    height: number(entry.frameHeight),
    fps: Math.round(number(entry.framesPerSecond)),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** 100 is perfect. Loss weighs most: 10 % of it is hard to bear; delays count from 150 ms on. */
export function connectionQuality(lossUp: number, lossDown: number, rttMs: number | null): number {
  const loss = Math.max(lossUp, lossDown);
  const delay = Math.max(0, (rttMs ?? 0) - 150);
  return Math.round(Math.max(0, Math.min(100, 100 - loss * 6 - delay / 10)));
}

/** The message that tells others how the own connection is doing, under the keys that the field uses. */
export function endpointStats(stats: ConnectionStats): { colibriClass: string } & Record<string, unknown> {
  return {
    colibriClass: 'EndpointStats',
    bitrate: { upload: stats.upKbps, download: stats.downKbps },
    packetLoss: {
      total: Math.round(Math.max(stats.lossUp, stats.lossDown)),
      upload: Math.round(stats.lossUp),
      download: Math.round(stats.lossDown),
    },
    connectionQuality: stats.quality,
    jvbRTT: stats.rttMs,
    maxEnabledResolution: Math.max(0, ...stats.sent.map((s) => Math.min(s.width, s.height))),
  };
}
