import * as sdpTransform from 'sdp-transform';
import type { SsrcGroup } from './sources';
import { NS, type XNode, x } from './xml';

/** Own SSRCs of one section of the answer. */
export interface LocalStreams {
  ssrcs: number[];
  groups: SsrcGroup[];
}

export interface LocalTransport {
  ufrag: string;
  pwd: string;
  fingerprint: { hash: string; value: string; setup: string };
}

/** Three layers, low to high, each with a retransmission stream. */
export interface SimulcastSsrcs {
  primary: [number, number, number];
  retransmission: [number, number, number];
}

export function randomSimulcastSsrcs(): SimulcastSsrcs {
  const values = new Set<number>();
  while (values.size < 6) values.add((crypto.getRandomValues(new Uint32Array(1))[0] as number) | 1);
  const [a, b, c, d, e, f] = [...values].map((v) => v >>> 0) as [number, number, number, number, number, number];
  return { primary: [a, b, c], retransmission: [d, e, f] };
}

/** Replaces the streams of the section with three layers; browsers built on libwebrtc then send all three. */
export function withSimulcast(sdp: string, mid: string, ssrcs: SimulcastSsrcs): string {
  return mapSection(sdp, mid, (section) => {
    const cname = /a=ssrc:\d+ cname:(\S+)/.exec(section)?.[1] ?? 'mesh';
    const lines = [`a=ssrc-group:SIM ${ssrcs.primary.join(' ')}`];
    ssrcs.primary.forEach((ssrc, i) => {
      lines.push(`a=ssrc-group:FID ${ssrc} ${ssrcs.retransmission[i]}`);
    });
    for (const ssrc of [...ssrcs.primary, ...ssrcs.retransmission]) {
      lines.push(`a=ssrc:${ssrc} cname:${cname}`, `a=ssrc:${ssrc} msid:mesh-${mid} mesh-${mid}`);
    }
    return `${section.replace(/a=ssrc(-group)?:.*\r\n/g, '')}${lines.join('\r\n')}\r\n`;
  });
}

function mapSection(sdp: string, mid: string, change: (section: string) => string): string {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => (section.includes(`a=mid:${mid}\r\n`) ? change(section) : section))
    .join('');
}

export function localStreams(sdp: string, mid: string): LocalStreams {
  const media = sdpTransform.parse(sdp).media.find((m) => String(m.mid) === mid);
  const ssrcs = [...new Set((media?.ssrcs ?? []).map((s) => Number(s.id)))];
  const groups = (media?.ssrcGroups ?? []).flatMap((g): SsrcGroup[] => {
    const semantics = g.semantics;
    if (semantics !== 'FID' && semantics !== 'SIM') return [];
    return [{ semantics, ssrcs: g.ssrcs.split(' ').map(Number) }];
  });
  return { ssrcs, groups };
}

export function localTransport(sdp: string): LocalTransport | null {
  const session = sdpTransform.parse(sdp);
  const media = session.media[0];
  const fingerprint = media?.fingerprint ?? session.fingerprint;
  const ufrag = media?.iceUfrag ?? session.iceUfrag;
  const pwd = media?.icePwd ?? session.icePwd;
  if (!fingerprint || !ufrag || !pwd) return null;
  return {
    ufrag: String(ufrag),
    pwd,
    fingerprint: { hash: fingerprint.type, value: fingerprint.hash, setup: media?.setup ?? session.setup ?? 'active' },
  };
}

/** A named own source as it is told to the focus. */
export interface SignalledSource {
  name: string;
  kind: 'audio' | 'video';
  videoType: 'camera' | 'desktop';
  streams: LocalStreams;
  msid: string;
}

function transportNode(transport: LocalTransport, ...extra: XNode[]): XNode {
  const { hash, setup, value } = transport.fingerprint;
  return x(
    'transport',
    { xmlns: NS.iceUdp, ufrag: transport.ufrag, pwd: transport.pwd },
    x('fingerprint', { xmlns: NS.dtls, hash, setup, required: 'false' }, value),
    extra,
  );
}

export function transportInfoContent(transport: LocalTransport, generation: number): XNode {
  const node = transportNode(transport);
  node.attrs['ice-generation'] = generation;
  return x('content', { creator: 'initiator', name: 'audio' }, node);
}

function sourceNodes(sources: readonly SignalledSource[]): XNode[] {
  const nodes: XNode[] = [];
  for (const source of sources) {
    for (const ssrc of source.streams.ssrcs) {
      nodes.push(
        x(
          'source',
          {
            xmlns: NS.ssma,
            ssrc,
            name: source.name,
            videoType: source.kind === 'video' ? source.videoType : null,
          },
          x('parameter', { xmlns: NS.rtp, name: 'msid', value: source.msid }),
        ),
      );
    }
  }
  for (const source of sources) {
    for (const group of source.streams.groups) {
      nodes.push(
        x(
          'ssrc-group',
          { xmlns: NS.ssma, semantics: group.semantics },
          group.ssrcs.map((ssrc) => x('source', { xmlns: NS.ssma, ssrc })),
        ),
      );
    }
  }
  return nodes;
}

/** Contents of source-add and source-remove. */
export function sourceContents(sources: readonly SignalledSource[]): XNode[] {
  return (['audio', 'video'] as const).flatMap((kind) => {
    const ofKind = sources.filter((s) => s.kind === kind);
    if (ofKind.length === 0) return [];
    const description = x('description', { xmlns: NS.rtp, media: kind }, sourceNodes(ofKind));
    return [x('content', { creator: 'responder', name: kind }, description)];
  });
}

/** Contents of session-accept from the own answer. `mids` are the sections of the first audio, video and data line. */
export function acceptContents(
  sdp: string,
  mids: { audio?: string | undefined; video?: string | undefined; data?: string | undefined },
  sources: readonly SignalledSource[],
  transport: LocalTransport,
  lastN: number,
): XNode[] {
  const session = sdpTransform.parse(sdp);
  const contents: XNode[] = [];
  for (const kind of ['audio', 'video'] as const) {
    const media = session.media.find((m) => String(m.mid) === mids[kind]);
    if (!media) continue;
    const description = x(
      'description',
      { xmlns: NS.rtp, media: kind },
      payloadNodes(media),
      sourceNodes(sources.filter((s) => s.kind === kind)),
      x('rtcp-mux'),
      (media.ext ?? []).map((e) => x('rtp-hdrext', { xmlns: NS.hdrExt, id: e.value, uri: e.uri })),
      x('extmap-allow-mixed', { xmlns: NS.hdrExt }),
    );
    const initialLastN =
      kind === 'video' && lastN >= 0 ? x('initial-last-n', { xmlns: NS.colibri2, value: lastN }) : null;
    contents.push(
      x(
        'content',
        { creator: 'responder', name: kind, senders: 'both' },
        initialLastN,
        description,
        transportNode(transport),
      ),
    );
  }
  const data = mids.data === undefined ? undefined : session.media.find((m) => String(m.mid) === mids.data);
  if (data) {
    const sctp = x('sctpmap', {
      xmlns: NS.sctp,
      number: (data as { sctpPort?: number }).sctpPort ?? 5000,
      protocol: 'webrtc-datachannel',
      streams: 0,
    });
    contents.push(x('content', { creator: 'responder', name: 'data' }, transportNode(transport, sctp)));
  }
  return contents;
}

function payloadNodes(media: ReturnType<typeof sdpTransform.parse>['media'][number]): XNode[] {
  return media.rtp.map((rtp) => {
    const parameters = (media.fmtp ?? [])
      .filter((f) => f.payload === rtp.payload)
      .flatMap((f) => f.config.split(';'))
      .map((p) => p.trim())
      .filter((p) => p !== '')
      .map((p) => {
        const equals = p.indexOf('=');
        return equals < 0
          ? x('parameter', { name: '', value: p })
          : x('parameter', { name: p.slice(0, equals), value: p.slice(equals + 1) });
      });
    const feedback = (media.rtcpFb ?? [])
      .filter((f) => f.payload === rtp.payload)
      .map((f) => x('rtcp-fb', { xmlns: NS.rtcpFb, type: f.type, subtype: f.subtype ?? null }));
    const channels = rtp.encoding ? { channels: rtp.encoding } : {};
    return x(
      'payload-type',
      { id: rtp.payload, name: rtp.codec, clockrate: rtp.rate ?? 90000, ...channels },
      parameters,
      feedback,
    );
  });
}
