import type { Offer } from './jingle';
import type { XmppConnection } from './XmppConnection';
import { NS, type XNode, x } from './xml';

const TIMEOUT_MS = 10_000;

/** Sends Jingle about one session to the focus, which answers each stanza or refuses it. */
export class SessionWire {
  constructor(
    private readonly connection: XmppConnection,
    private readonly focus: string,
    private readonly offer: Offer,
  ) {}

  /** Rejects with an IqError when the focus refuses. */
  async send(action: string, content: XNode[]): Promise<void> {
    const accept = action === 'session-accept';
    const jingle = x(
      'jingle',
      {
        xmlns: NS.jingle,
        action,
        initiator: this.focus,
        responder: accept ? this.connection.jid : null,
        sid: this.offer.sid,
      },
      content,
      accept ? this.trace() : null,
    );
    await this.connection.iq(x('iq', { type: 'set', to: this.focus }, jingle), TIMEOUT_MS);
  }

  /** Names the session on the bridge, with a wish about it. */
  bridgeSession(wish: { restart?: string | null; 'ice-restart'?: string }): XNode {
    return x('bridge-session', { xmlns: NS.focus, id: this.offer.bridgeSessionId, ...wish });
  }

  private trace(): XNode | null {
    const trace = this.offer.traceparent;
    if (!trace) return null;
    return x('traceparent', {
      xmlns: 'jitsi:opentelemetry',
      ...Object.fromEntries([...trace.attributes].map((a) => [a.name, a.value])),
    });
  }
}
