import { log } from './log';

/** The forms of what goes into a session description (RFC 8866, 8839, 8122, 5761), as what may be written and nothing else. */
export const Sdp = {
  ufrag: /^[A-Za-z0-9+/]{4,256}$/,
  pwd: /^[A-Za-z0-9+/]{22,256}$/,
  foundation: /^[A-Za-z0-9+/]{1,32}$/,
  hash: /^[A-Za-z0-9-]{1,32}$/,
  fingerprint: /^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){1,63}$/,
  setup: /^(actpass|active|passive|holdconn)$/,
  /** An IP address, or the name that stands for one. */
  host: /^[A-Za-z0-9.:-]{1,253}$/,
  candidateType: /^(host|srflx|prflx|relay)$/,
  tcpType: /^(active|passive|so)$/,
  number: /^[0-9]{1,10}$/,
  token: /^[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}$/,
  /** A name of streams: msid, cname. */
  name: /^[A-Za-z0-9_.-]{1,64}$/,
  uri: /^[\x21-\x7e]{1,255}$/,
  /** Parameters of a codec: no line ends, and nothing that is not seen. */
  text: /^[\x20-\x7e]{0,1024}$/,
} as const;

const LINE = /^[a-z]=[\x20-\x7e]{0,65535}$/;

/** A value in its form, else null. */
export function inForm(form: RegExp, value: string | null | undefined): string | null {
  return typeof value === 'string' && form.test(value) ? value : null;
}

/** A whole number between the bounds, else null. */
export function wholeNumber(value: string | null, from: number, to: number): number | null {
  if (value === null || !Sdp.number.test(value)) return null;
  const number = Number(value);
  return number >= from && number <= to ? number : null;
}

/**
 * The one way into a session description. What reaches it has been read into its form already; a line that could still be two,
 * or is none, is left out, so that nobody's name ever becomes a line of its own.
 */
export class SdpWriter {
  private readonly lines: string[] = [];
  refused = 0;

  line(text: string): void {
    if (LINE.test(text)) {
      this.lines.push(text);
      return;
    }
    this.refused += 1;
    log('media', 'a line of the description was refused');
  }

  toString(): string {
    return `${this.lines.join('\r\n')}\r\n`;
  }
}
