import { vi } from 'vitest';

/** A scripted XMPP server at the other end of a WebSocket: answers the stream's beginning, records what the client says. */
export class FakeXmppServer {
  static servers: FakeXmppServer[] = [];
  readonly sent: string[] = [];
  readonly url: string;
  onStanza: (xml: string) => void = () => {};
  private authenticated = false;

  constructor(
    readonly socket: FakeSocket,
    private readonly options: {
      jid: string;
      resume: boolean;
      knownSession: boolean;
      account: string | null;
      refuse: string | null;
    },
  ) {
    this.url = socket.url;
    FakeXmppServer.servers.push(this);
  }

  say(xml: string): void {
    this.socket.onmessage?.({ data: xml } as MessageEvent);
  }

  /** As a dead network does, or as a server does that says why. */
  cut(code = 1006): void {
    this.socket.readyState = 3;
    this.socket.onclose?.({ code } as CloseEvent);
  }

  receive(xml: string): void {
    this.sent.push(xml);
    if (xml.startsWith('<open')) this.open();
    else if (xml.startsWith('<auth') && this.options.refuse !== null) {
      this.say(`<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><${this.options.refuse}/></failure>`);
    } else if (
      xml.startsWith('<auth') &&
      this.options.account !== null &&
      !plainOf(xml).endsWith(this.options.account)
    ) {
      this.say('<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure>');
    } else if (xml.startsWith('<auth')) {
      this.authenticated = true;
      this.say('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
    } else if (xml.includes('xmpp-bind')) {
      this.say(
        `<iq xmlns="jabber:client" type="result" id="_bind_auth_2"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>${this.options.jid}</jid></bind></iq>`,
      );
    } else if (xml.startsWith('<enable')) {
      this.say(`<enabled xmlns="urn:xmpp:sm:3" id="sm-1" resume="${this.options.resume}"/>`);
    } else if (xml.startsWith('<resume')) {
      this.say(
        this.options.knownSession
          ? '<resumed xmlns="urn:xmpp:sm:3" h="0" previd="sm-1"/>'
          : '<failed xmlns="urn:xmpp:sm:3"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></failed>',
      );
    } else this.onStanza(xml);
  }

  private open(): void {
    this.say('<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" version="1.0" id="s1" from="meet.test"/>');
    const features = this.authenticated
      ? '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/><sm xmlns="urn:xmpp:sm:3"/>'
      : '<mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>MECHANISM</mechanism></mechanisms>'.replace(
          'MECHANISM',
          this.options.account === null ? 'ANONYMOUS' : 'PLAIN',
        );
    this.say(`<stream:features xmlns:stream="http://etherx.jabber.org/streams">${features}</stream:features>`);
  }
}

/** The message of SASL PLAIN in an auth element (RFC 4616). */
const plainOf = (xml: string) => atob(/>([^<]*)<\/auth>/.exec(xml)?.[1] ?? '');

export class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 3;
  static make: (socket: FakeSocket) => FakeXmppServer;
  /** New connections fail, as when the server is away. */
  static refusing = false;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  private readonly server: FakeXmppServer;

  constructor(readonly url: string) {
    this.server = FakeSocket.make(this);
    const refused = FakeSocket.refusing;
    queueMicrotask(() => {
      if (refused) {
        this.onerror?.({} as Event);
        this.onclose?.({ code: 1006 } as CloseEvent);
        return;
      }
      this.readyState = 1;
      this.onopen?.();
    });
  }

  send(data: string): void {
    queueMicrotask(() => this.server.receive(data));
  }

  close(): void {
    this.readyState = 3;
  }
}

export function useFakeXmpp(
  options: { jid?: string; resume?: boolean; knownSession?: boolean; account?: string; refuse?: string } = {},
): void {
  FakeXmppServer.servers = [];
  FakeSocket.refusing = false;
  FakeSocket.make = (socket) =>
    new FakeXmppServer(socket, {
      jid: options.jid ?? '0123abcd-0000-4000-8000-000000000000@meet.test/res',
      resume: options.resume ?? true,
      knownSession: options.knownSession ?? true,
      account: options.account ?? null,
      refuse: options.refuse ?? null,
    });
  vi.stubGlobal('WebSocket', FakeSocket);
}

export function lastServer(): FakeXmppServer {
  const server = FakeXmppServer.servers.at(-1);
  if (!server) throw new Error('no connection was made');
  return server;
}
