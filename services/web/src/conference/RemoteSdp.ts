import type { Candidate, MediaDescription, Offer, PayloadType, Transport } from './jingle';
import { ClientLimits } from './limits';
import { log } from './log';
import { Sdp, SdpWriter } from './sdp';
import type { MediaKind, RemoteSource } from './sources';

/** One section of the session description; its position never changes while the connection lives. */
export interface MediaLine {
  mid: string;
  kind: MediaKind | 'application';
  /**
   * `main` carries the own first track and the bridge's feedback source, `remote` one source of somebody else, `local` a
   * further own track.
   */
  role: 'main' | 'remote' | 'local' | 'data';
  source: RemoteSource | null;
}

/** Demultiplexing goes by SSRC: streams of others may arrive with the sender's own mid or rid still in the header. */
const UNWANTED_EXTENSIONS = new Set([
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
]);

/**
 * The remote side of the one peer connection as data. The description is written anew from it for each negotiation;
 * nothing is ever cut out of an earlier text.
 */
export class RemoteSdp {
  readonly lines: MediaLine[] = [];
  transport: Transport;
  private version = 1;

  constructor(
    private readonly offer: Offer,
    initial: readonly RemoteSource[],
    private readonly preferredVideo: string,
    bridgeOwner: string,
  ) {
    this.transport = offer.transport;
    const bridge = (kind: MediaKind) => initial.find((s) => s.owner === bridgeOwner && s.kind === kind) ?? null;
    if (offer.audio) this.append('audio', 'main', bridge('audio'));
    if (offer.video) this.append('video', 'main', bridge('video'));
    if (offer.data) this.append('application', 'data', null);
    for (const source of initial) if (source.owner !== bridgeOwner) this.add(source);
  }

  main(kind: MediaKind): MediaLine | undefined {
    return this.lines.find((l) => l.role === 'main' && l.kind === kind);
  }

  /**
   * Takes a free line of the kind, or a new one at the end. A known name keeps its line and gets the new SSRCs. Null for a
   * source that would take somebody else's name or SSRC, for one of a kind that was not offered, and when there are too
   * many: the others stay as they are.
   */
  add(source: RemoteSource): MediaLine | null {
    if (!this.offers(source.kind)) return null;
    const known = this.lineOf(source.name);
    const taken = this.lines.some((l) => l !== known && l.source?.ssrcs.some((ssrc) => source.ssrcs.includes(ssrc)));
    if (taken || (known && (known.source?.owner !== source.owner || known.kind !== source.kind))) {
      log('media', 'a source was refused: its name or an SSRC is taken');
      return null;
    }
    if (known) {
      known.source = source;
      return known;
    }
    const free = this.lines.find((l) => l.role === 'remote' && l.kind === source.kind && l.source === null);
    if (free) {
      free.source = source;
      return free;
    }
    if (this.lines.length >= ClientLimits.sections) {
      log('media', 'a source was refused: there are too many');
      return null;
    }
    return this.append(source.kind, 'remote', source);
  }

  remove(name: string): boolean {
    const line = this.lineOf(name);
    if (line?.role !== 'remote') return false;
    line.source = null;
    return true;
  }

  removeOwner(owner: string): boolean {
    let removed = false;
    for (const line of this.lines) {
      if (line.role === 'remote' && line.source?.owner === owner) {
        line.source = null;
        removed = true;
      }
    }
    return removed;
  }

  /** A line on which the own side only sends; null when nothing of the kind was offered. */
  addLocal(kind: MediaKind): MediaLine | null {
    return this.offers(kind) ? this.append(kind, 'local', null) : null;
  }

  private offers(kind: MediaKind): boolean {
    return (kind === 'audio' ? this.offer.audio : this.offer.video) !== null;
  }

  lineOf(name: string): MediaLine | undefined {
    return this.lines.find((l) => l.source?.name === name);
  }

  lineOfSsrc(ssrc: number): MediaLine | undefined {
    return this.lines.find((l) => l.source?.ssrcs.includes(ssrc));
  }

  private append(kind: MediaLine['kind'], role: MediaLine['role'], source: RemoteSource | null): MediaLine {
    const line: MediaLine = { mid: String(this.lines.length), kind, role, source };
    this.lines.push(line);
    return line;
  }

  /** The offer of the bridge's side. */
  write(): string {
    const out = new SdpWriter();
    out.line('v=0');
    out.line(`o=- 1923518516 ${this.version++} IN IP4 0.0.0.0`);
    out.line('s=-');
    out.line('t=0 0');
    out.line(`a=group:BUNDLE ${this.lines.map((l) => l.mid).join(' ')}`);
    out.line('a=msid-semantic: WMS *');
    if (this.offer.audio?.allowMixed || this.offer.video?.allowMixed) out.line('a=extmap-allow-mixed');
    if (this.transport.fingerprints.some((f) => f.cryptex)) out.line('a=cryptex');
    this.lines.forEach((line, index) => {
      if (line.kind === 'application') this.writeData(out, line);
      else this.writeMedia(out, line, line.kind, index === 0);
    });
    return out.toString();
  }

  private writeMedia(out: SdpWriter, line: MediaLine, kind: MediaKind, withCandidates: boolean): void {
    const description = kind === 'audio' ? this.offer.audio : this.offer.video;
    if (!description) return;
    const payloads = kind === 'video' ? preferCodec(description.payloads, this.preferredVideo) : description.payloads;
    out.line(`m=${kind} 9 UDP/TLS/RTP/SAVPF ${payloads.map((p) => p.id).join(' ')}`);
    out.line('c=IN IP4 0.0.0.0');
    out.line('a=rtcp:9 IN IP4 0.0.0.0');
    this.writeTransport(out, withCandidates);
    out.line(`a=mid:${line.mid}`);
    writeExtensions(out, description);
    out.line(`a=${direction(line)}`);
    const source = line.source;
    if (source) out.line(`a=msid:${streamName(line, source.name)} ${streamName(line, source.name)}`);
    out.line('a=rtcp-mux');
    out.line('a=rtcp-rsize');
    for (const payload of payloads) writePayload(out, payload);
    if (source) writeSource(out, line, source);
  }

  private writeData(out: SdpWriter, line: MediaLine): void {
    out.line('m=application 9 UDP/DTLS/SCTP webrtc-datachannel');
    out.line('c=IN IP4 0.0.0.0');
    this.writeTransport(out, this.lines[0] === line);
    out.line(`a=mid:${line.mid}`);
    out.line(`a=sctp-port:${this.transport.sctpPort ?? 5000}`);
    out.line('a=max-message-size:262144');
  }

  private writeTransport(out: SdpWriter, withCandidates: boolean): void {
    out.line(`a=ice-ufrag:${this.transport.ufrag}`);
    out.line(`a=ice-pwd:${this.transport.pwd}`);
    for (const fingerprint of this.transport.fingerprints) {
      out.line(`a=fingerprint:${fingerprint.hash} ${fingerprint.value}`);
    }
    out.line(`a=setup:${this.transport.fingerprints[0]?.setup ?? 'actpass'}`);
    if (withCandidates) for (const candidate of this.transport.candidates) out.line(candidateLine(candidate));
  }
}

function direction(line: MediaLine): string {
  switch (line.role) {
    case 'main':
      return 'sendrecv';
    case 'local':
      return 'recvonly';
    default:
      return line.source ? 'sendonly' : 'inactive';
  }
}

function candidateLine(c: Candidate): string {
  let line = `a=candidate:${c.foundation} ${c.component} ${c.protocol} ${c.priority} ${c.ip} ${c.port} typ ${c.type}`;
  if (c.relAddr && c.relPort && c.type !== 'host') line += ` raddr ${c.relAddr} rport ${c.relPort}`;
  if (c.protocol === 'tcp') line += ` tcptype ${c.tcpType ?? 'passive'}`;
  return `${line} generation ${c.generation}`;
}

function writeExtensions(out: SdpWriter, description: MediaDescription): void {
  for (const extension of description.extensions) {
    if (!UNWANTED_EXTENSIONS.has(extension.uri)) out.line(`a=extmap:${extension.id} ${extension.uri}`);
  }
}

function writePayload(out: SdpWriter, payload: PayloadType): void {
  const channels = payload.channels > 1 ? `/${payload.channels}` : '';
  out.line(`a=rtpmap:${payload.id} ${payload.name}/${payload.clockrate}${channels}`);
  if (payload.parameters.length > 0) {
    const values = payload.parameters.map((p) => (p.name ? `${p.name}=${p.value}` : p.value)).join(';');
    out.line(`a=fmtp:${payload.id} ${values.replace(/;+/g, ';').replace(/;$/, '')}`);
  }
  for (const feedback of payload.feedback) {
    out.line(`a=rtcp-fb:${payload.id} ${feedback.type}${feedback.subtype ? ` ${feedback.subtype}` : ''}`);
  }
}

function writeSource(out: SdpWriter, line: MediaLine, source: RemoteSource): void {
  const name = streamName(line, source.name);
  for (const group of source.groups) out.line(`a=ssrc-group:${group.semantics} ${group.ssrcs.join(' ')}`);
  for (const ssrc of source.ssrcs) {
    out.line(`a=ssrc:${ssrc} cname:${streamName(line, source.owner)}`);
    out.line(`a=ssrc:${ssrc} msid:${name} ${name}`);
  }
}

/** Names of streams mean nothing to the browser but that they differ: one that cannot be written is called by its section. */
function streamName(line: MediaLine, name: string): string {
  return Sdp.name.test(name) ? name : `section-${line.mid}`;
}

/** The order of an answer decides what is sent: the preferred codec and its retransmission come first. */
export function preferCodec(payloads: readonly PayloadType[], name: string): PayloadType[] {
  const isPreferred = (p: PayloadType) => p.name.toLowerCase() === name.toLowerCase();
  const preferred = payloads.filter(isPreferred);
  const ids = new Set(preferred.map((p) => String(p.id)));
  const isRetransmission = (p: PayloadType) =>
    p.name.toLowerCase() === 'rtx' && p.parameters.some((q) => q.name === 'apt' && ids.has(q.value));
  const first = [...preferred, ...payloads.filter(isRetransmission)];
  return [...first, ...payloads.filter((p) => !first.includes(p))];
}
