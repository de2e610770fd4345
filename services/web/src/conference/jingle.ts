import { attr, child, children, NS, text } from './xml';

export interface PayloadType {
  id: number;
  name: string;
  clockrate: number;
  channels: number;
  parameters: { name: string; value: string }[];
  feedback: { type: string; subtype: string | null }[];
}

export interface HeaderExtension {
  id: number;
  uri: string;
}

export interface MediaDescription {
  payloads: PayloadType[];
  extensions: HeaderExtension[];
  allowMixed: boolean;
}

export interface Candidate {
  foundation: string;
  component: string;
  protocol: string;
  priority: string;
  ip: string;
  port: string;
  type: string;
  generation: string;
  relAddr: string | null;
  relPort: string | null;
  tcpType: string | null;
}

export interface Transport {
  ufrag: string;
  pwd: string;
  fingerprints: { hash: string; setup: string; value: string; cryptex: boolean }[];
  candidates: Candidate[];
  /** `web-socket` addresses of the bridge channel. */
  webSockets: string[];
  sctpPort: number | null;
  iceGeneration: number | null;
}

/** The focus' offer, free of XML. */
export interface Offer {
  sid: string;
  initiator: string;
  bridgeSessionId: string | null;
  region: string | null;
  audio: MediaDescription | null;
  video: MediaDescription | null;
  /** Whether a content named `data` was offered. */
  data: boolean;
  transport: Transport;
  traceparent: Element | null;
}

/** Reads a session-initiate; null when it lacks what a session needs. */
export function parseOffer(jingle: Element): Offer | null {
  const sid = attr(jingle, 'sid');
  const contents = new Map(children(jingle, 'content').map((c) => [attr(c, 'name') ?? '', c]));
  const transports = [...contents.values()].map(parseTransport).filter((t): t is Transport => t !== null);
  const first = transports[0];
  if (!sid || !first) return null;
  const transport = {
    ...first,
    webSockets: [...new Set(transports.flatMap((t) => t.webSockets))],
    sctpPort: transports.map((t) => t.sctpPort).find((p) => p !== null) ?? null,
  };
  const session = child(jingle, 'bridge-session', NS.focus);
  const description = (name: string) => parseDescription(child(contents.get(name), 'description', NS.rtp));
  return {
    sid,
    initiator: attr(jingle, 'initiator') ?? '',
    bridgeSessionId: attr(session, 'id'),
    region: attr(session, 'region'),
    audio: description('audio'),
    video: description('video'),
    data: contents.has('data') && transport.sctpPort !== null,
    transport,
    traceparent: child(jingle, 'traceparent', 'jitsi:opentelemetry'),
  };
}

function parseDescription(element: Element | null): MediaDescription | null {
  if (!element) return null;
  return {
    payloads: children(element, 'payload-type', NS.rtp).map((p) => ({
      id: Number(attr(p, 'id')),
      name: attr(p, 'name') ?? '',
      clockrate: Number(attr(p, 'clockrate') ?? 90000),
      channels: Number(attr(p, 'channels') ?? 1),
      parameters: children(p, 'parameter').map((e) => ({ name: attr(e, 'name') ?? '', value: attr(e, 'value') ?? '' })),
      feedback: children(p, 'rtcp-fb').map((e) => ({ type: attr(e, 'type') ?? '', subtype: attr(e, 'subtype') })),
    })),
    extensions: children(element, 'rtp-hdrext', NS.hdrExt).map((e) => ({
      id: Number(attr(e, 'id')),
      uri: attr(e, 'uri') ?? '',
    })),
    allowMixed: child(element, 'extmap-allow-mixed') !== null,
  };
}

export function parseTransport(content: Element): Transport | null {
  const transport = child(content, 'transport', NS.iceUdp);
  const ufrag = attr(transport, 'ufrag');
  const pwd = attr(transport, 'pwd');
  if (!transport || !ufrag || !pwd) return null;
  const port = Number(attr(child(transport, 'sctpmap', NS.sctp), 'number'));
  const generation = Number(attr(transport, 'ice-generation') ?? Number.NaN);
  return {
    ufrag,
    pwd,
    fingerprints: children(transport, 'fingerprint', NS.dtls).map((f) => ({
      hash: attr(f, 'hash') ?? 'sha-256',
      setup: attr(f, 'setup') ?? 'actpass',
      value: text(f).trim(),
      cryptex: attr(f, 'cryptex') === 'true',
    })),
    candidates: children(transport, 'candidate').map(parseCandidate),
    webSockets: children(transport, 'web-socket', NS.colibri)
      .map((w) => attr(w, 'url'))
      .filter((u): u is string => u !== null),
    sctpPort: Number.isInteger(port) && port > 0 ? port : null,
    iceGeneration: Number.isInteger(generation) ? generation : null,
  };
}

function parseCandidate(element: Element): Candidate {
  const get = (name: string, fallback: string) => attr(element, name) ?? fallback;
  return {
    foundation: get('foundation', '1'),
    component: get('component', '1'),
    protocol: get('protocol', 'udp').toLowerCase(),
    priority: get('priority', '1'),
    ip: get('ip', ''),
    port: get('port', '9'),
    type: get('type', 'host'),
    generation: get('generation', '0'),
    relAddr: attr(element, 'rel-addr'),
    relPort: attr(element, 'rel-port'),
    tcpType: attr(element, 'tcptype'),
  };
}
