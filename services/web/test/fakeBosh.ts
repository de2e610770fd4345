import { vi } from 'vitest';

/** A scripted XMPP server behind BOSH, as little of it as a login needs: it answers requests at once and holds those that say nothing. */
export class FakeBoshServer {
  /** The bodies that came, in order. */
  readonly bodies: string[] = [];
  /** The addresses that they were sent to. */
  readonly addresses: string[] = [];
  readonly beacons: string[] = [];
  /** Answers with this HTTP status, as a server without BOSH. */
  refusing = 0;
  /** Answers the one request that is held. */
  private held: ((text: string) => void) | null = null;
  private authenticated = false;

  constructor() {
    const server = this;
    vi.stubGlobal(
      'XMLHttpRequest',
      class {
        readyState = 0;
        status = 0;
        responseText = '';
        responseXML: Document | null = null;
        onreadystatechange: () => void = () => {};
        private url = '';
        overrideMimeType(): void {}
        setRequestHeader(): void {}
        getAllResponseHeaders(): string {
          return '';
        }
        open(_method: string, url: string): void {
          this.url = url;
          this.readyState = 1;
        }
        abort(): void {
          this.readyState = 0;
        }
        send(body: string): void {
          server.addresses.push(this.url);
          server.bodies.push(body);
          const answer = server.answer(body);
          const say = (text: string) =>
            queueMicrotask(() => {
              this.readyState = 4;
              this.status = server.refusing || 200;
              this.responseText = text;
              this.responseXML = new DOMParser().parseFromString(text, 'text/xml');
              this.onreadystatechange();
            });
          server.held?.('<body xmlns="http://jabber.org/protocol/httpbind"/>');
          server.held = null;
          if (answer === null) server.held = say;
          else say(answer);
        }
      },
    );
    Object.defineProperty(navigator, 'sendBeacon', {
      configurable: true,
      value: (_url: string, body: string) => {
        this.beacons.push(body);
        return true;
      },
    });
  }

  get rids(): number[] {
    return this.bodies.map((body) => Number(/ rid="(\d+)"/.exec(body)?.[1]));
  }

  private answer(body: string): string | null {
    const wrap = (content: string, attributes = '') =>
      `<body xmlns="http://jabber.org/protocol/httpbind" xmlns:stream="http://etherx.jabber.org/streams"${attributes}>${content}</body>`;
    const features = (content: string) => `<stream:features>${content}</stream:features>`;
    if (this.refusing) return '<html/>';
    if (!body.includes(' sid=')) {
      return wrap(
        features('<mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>ANONYMOUS</mechanism></mechanisms>'),
        ' sid="s1" wait="40" hold="1" requests="2" inactivity="60"',
      );
    }
    if (body.includes('<auth')) {
      this.authenticated = true;
      return wrap('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
    }
    if (this.authenticated && body.includes('restart="true"')) {
      return wrap(features('<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/><sm xmlns="urn:xmpp:sm:3"/>'));
    }
    if (body.includes('xmpp-bind')) {
      const id = /<iq[^>]* id="([^"]+)"/.exec(body)?.[1];
      return wrap(
        `<iq xmlns="jabber:client" type="result" id="${id}"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>0123abcd-0000-4000-8000-000000000000@meet.test/res</jid></bind></iq>`,
      );
    }
    if (body.includes('type="terminate"')) return wrap('', ' type="terminate"');
    return null;
  }
}
