import { ClientLimits } from './limits';
import { inForm, Sdp, wholeNumber } from './sdp';
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

/** What is not in its form is left out: a codec without its number is none, one without an odd parameter still is one. */
function parseDescription(element: Element | null): MediaDescription | null {
  const payloads = children(element, 'payload-type', NS.rtp).slice(0, ClientLimits.payloadTypes).flatMap(parsePayload);
  if (payloads.length === 0) return null;
  return {
    payloads,
    extensions: children(element, 'rtp-hdrext', NS.hdrExt)
      .slice(0, ClientLimits.extensions)
      .flatMap((e) => {
        const id = wholeNumber(attr(e, 'id'), 1, 255);
        const uri = inForm(Sdp.uri, attr(e, 'uri'));
        return id === null || uri === null ? [] : [{ id, uri }];
      }),
    allowMixed: child(element, 'extmap-allow-mixed') !== null,
  };
}

function parsePayload(element: Element): PayloadType[] {
  const id = wholeNumber(attr(element, 'id'), 0, 127);
  const name = inForm(Sdp.token, attr(element, 'name'));
  const clockrate = wholeNumber(attr(element, 'clockrate') ?? '90000', 1, 1_000_000);
  const channels = wholeNumber(attr(element, 'channels') ?? '1', 0, 255);
  if (id === null || name === null || clockrate === null || channels === null) return [];
  return [
    {
      id,
      name,
      clockrate,
      channels,
      parameters: children(element, 'parameter')
        .slice(0, ClientLimits.parameters)
        .flatMap((e) => {
          const parameter = attr(e, 'name') ?? '';
          const value = inForm(Sdp.text, attr(e, 'value') ?? '');
          return value === null || (parameter !== '' && !Sdp.token.test(parameter)) ? [] : [{ name: parameter, value }];
        }),
      feedback: children(element, 'rtcp-fb')
        .slice(0, ClientLimits.feedback)
        .flatMap((e) => {
          const type = inForm(Sdp.token, attr(e, 'type'));
          const subtype = attr(e, 'subtype') || null;
          return type === null || (subtype !== null && !Sdp.token.test(subtype)) ? [] : [{ type, subtype }];
        }),
    },
  ];
}

/** Null without credentials in their form (RFC 8839): there is nothing to connect to then. */
export function parseTransport(content: Element): Transport | null {
  const transport = child(content, 'transport', NS.iceUdp);
  const ufrag = inForm(Sdp.ufrag, attr(transport, 'ufrag'));
  const pwd = inForm(Sdp.pwd, attr(transport, 'pwd'));
  if (!transport || !ufrag || !pwd) return null;
  return {
    ufrag,
    pwd,
    fingerprints: children(transport, 'fingerprint', NS.dtls)
      .slice(0, ClientLimits.fingerprints)
      .flatMap((f) => {
        const hash = inForm(Sdp.hash, attr(f, 'hash') ?? 'sha-256');
        const setup = inForm(Sdp.setup, attr(f, 'setup') ?? 'actpass');
        const value = inForm(Sdp.fingerprint, text(f).trim());
        return hash && setup && value ? [{ hash, setup, value, cryptex: attr(f, 'cryptex') === 'true' }] : [];
      }),
    candidates: children(transport, 'candidate').slice(0, ClientLimits.candidates).flatMap(parseCandidate),
    webSockets: children(transport, 'web-socket', NS.colibri)
      .slice(0, ClientLimits.webSockets)
      .map((w) => attr(w, 'url') ?? '')
      .filter(isWebSocketAddress),
    sctpPort: wholeNumber(attr(child(transport, 'sctpmap', NS.sctp), 'number'), 1, 65535),
    iceGeneration: wholeNumber(attr(transport, 'ice-generation'), 0, 1_000_000_000),
  };
}

function isWebSocketAddress(text: string): boolean {
  try {
    const { protocol, hash } = new URL(text);
    return (protocol === 'wss:' || protocol === 'ws:') && hash === '';
  } catch {
    return false;
  }
}

function parseCandidate(element: Element): Candidate[] {
  const get = (name: string, fallback: string, form: RegExp) => inForm(form, attr(element, name) ?? fallback);
  const foundation = get('foundation', '1', Sdp.foundation);
  const component = get('component', '1', Sdp.number);
  const protocol = get('protocol', 'udp', /^(udp|tcp|ssltcp)$/i)?.toLowerCase() ?? null;
  const priority = get('priority', '1', Sdp.number);
  const ip = get('ip', '', Sdp.host);
  const port = wholeNumber(attr(element, 'port') ?? '9', 0, 65535);
  const type = get('type', 'host', Sdp.candidateType);
  const generation = get('generation', '0', Sdp.number);
  if (!foundation || !component || !protocol || !priority || !ip || port === null || !type || !generation) return [];
  const relPort = wholeNumber(attr(element, 'rel-port'), 0, 65535);
  return [
    {
      foundation,
      component,
      protocol,
      priority,
      ip,
      port: String(port),
      type,
      generation,
      relAddr: inForm(Sdp.host, attr(element, 'rel-addr')),
      relPort: relPort === null ? null : String(relPort),
      tcpType: inForm(Sdp.tcpType, attr(element, 'tcptype')),
    },
  ];
}
