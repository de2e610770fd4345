import { log } from './log';
import type { XmppConnection } from './XmppConnection';
import { attr, child, NS, type XNode, x } from './xml';

const NODE = 'https://jitsi.org/jitsi-meet';
const IDENTITY = { category: 'client', type: 'web', name: 'JitsiMesh' } as const;

/** Features that this client really has; the focus shapes its offer by them. */
const FEATURES = [
  NS.caps,
  NS.disco,
  NS.ping,
  NS.jingle,
  NS.rtp,
  NS.iceUdp,
  NS.dtls,
  NS.sctp,
  'urn:xmpp:jingle:apps:rtp:audio',
  'urn:xmpp:jingle:apps:rtp:video',
  'http://jitsi.org/json-encoded-sources',
  'urn:ietf:rfc:4588',
  'http://jitsi.org/tcc',
  'http://jitsi.org/source-name',
  'http://jitsi.org/receive-multiple-video-streams',
  'http://jitsi.org/start-muted-room-metadata',
];

export const REWRITING_FEATURE = 'http://jitsi.org/ssrc-rewriting-1';

export function clientFeatures(ssrcRewriting: boolean): string[] {
  return ssrcRewriting ? [...FEATURES, REWRITING_FEATURE] : FEATURES;
}

/** Verification string of XEP-0115 section 5.1, before hashing. */
export function verificationString(features: readonly string[]): string {
  const identity = `${IDENTITY.category}/${IDENTITY.type}//${IDENTITY.name}<`;
  return (
    identity +
    [...features]
      .sort()
      .map((f) => `${f}<`)
      .join('')
  );
}

/** Entity capabilities of this client: the presence element, and the answers to disco#info. */
export class Caps {
  readonly ver: string;

  constructor(private readonly features: readonly string[]) {
    this.ver = base64(sha1(new TextEncoder().encode(verificationString(features))));
  }

  element(): XNode {
    return x('c', { xmlns: NS.caps, hash: 'sha-1', node: NODE, ver: this.ver });
  }

  answer(connection: XmppConnection, iq: Element): boolean {
    const query = child(iq, 'query', NS.disco);
    if (!query || attr(iq, 'type') !== 'get') return false;
    const node = attr(query, 'node');
    if (node && node !== `${NODE}#${this.ver}` && node !== NODE) {
      connection.replyError(iq, 'cancel', 'item-not-found');
      return true;
    }
    log('caps', 'answering disco#info');
    connection.send(
      x(
        'iq',
        { type: 'result', id: attr(iq, 'id'), to: attr(iq, 'from') },
        x(
          'query',
          { xmlns: NS.disco, node },
          x('identity', IDENTITY),
          this.features.map((f) => x('feature', { var: f })),
        ),
      ),
    );
    return true;
  }
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/**
 * SHA-1 (RFC 3174), only for the capability hash. SubtleCrypto is missing on pages served over plain HTTP, where joining
 * to listen still has to work.
 */
export function sha1(message: Uint8Array): Uint8Array {
  const bitLength = message.length * 8;
  const padded = new Uint8Array((((message.length + 8) >> 6) + 1) << 6);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bitLength / 2 ** 32));
  view.setUint32(padded.length - 4, bitLength >>> 0);
  const h = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const w = new Uint32Array(80);
  const rotl = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getUint32(block + i * 4);
    for (let i = 16; i < 80; i++) w[i] = rotl(at(w, i - 3) ^ at(w, i - 8) ^ at(w, i - 14) ^ at(w, i - 16), 1);
    let [a, b, c, d, e] = [at(h, 0), at(h, 1), at(h, 2), at(h, 3), at(h, 4)];
    for (let i = 0; i < 80; i++) {
      const [f, k] =
        i < 20
          ? [(b & c) | (~b & d), 0x5a827999]
          : i < 40
            ? [b ^ c ^ d, 0x6ed9eba1]
            : i < 60
              ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
              : [b ^ c ^ d, 0xca62c1d6];
      const next = (rotl(a, 5) + f + e + k + at(w, i)) | 0;
      [a, b, c, d, e] = [next, a, rotl(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((value, i) => {
      h[i] = at(h, i) + value;
    });
  }
  const digest = new Uint8Array(20);
  const out = new DataView(digest.buffer);
  h.forEach((value, i) => {
    out.setUint32(i * 4, value);
  });
  return digest;
}

function at(array: Uint32Array, index: number): number {
  return array[index] as number;
}
