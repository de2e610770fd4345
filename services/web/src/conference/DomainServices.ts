import type { MeshConfig } from './config';
import { type ExternalService, iceServer, parseDisco, queryDomain, queryIceServers } from './Disco';
import type { XmppConnection } from './XmppConnection';
import { attr, bareJid, child, jsonMessage, NS } from './xml';

/** What the own domain has besides rooms: its components and its TURN servers, asked for or pushed. */
export class DomainServices {
  iceServers: RTCIceServer[] = [];
  private readonly components = new Map<string, string>();

  constructor(
    private readonly config: MeshConfig,
    private readonly onLearnt: () => void,
  ) {}

  /** Address of the component that ends a meeting for all; null when the server has none. */
  get endConferenceAddress(): string | null {
    return this.components.get('end_conference') ?? null;
  }

  async discover(connection: XmppConnection): Promise<void> {
    if (this.components.size === 0) {
      const disco = await queryDomain(connection, this.config.domain);
      this.learn(disco.components);
    }
    // A server with room metadata sends TURN servers there.
    const servers = await queryIceServers(connection, this.config.domain);
    if (servers.length > 0) this.iceServers = servers;
  }

  /** Takes what the domain or the room's metadata says; gives the metadata when it was that. */
  onMessage(stanza: Element): Record<string, unknown> | null {
    const from = attr(stanza, 'from') ?? '';
    const pushed = child(stanza, 'query', NS.disco);
    if (pushed && from === this.config.domain) {
      this.learn(parseDisco(pushed).components);
      return null;
    }
    if (bareJid(from) !== this.components.get('room_metadata')) return null;
    const message = jsonMessage(stanza);
    if (message?.type !== 'room_metadata') return null;
    const metadata = (message.metadata ?? {}) as Record<string, unknown>;
    if (Array.isArray(metadata.services)) {
      const servers = metadata.services.flatMap((s: Record<string, unknown>) =>
        iceServer(
          Object.fromEntries(
            ['type', 'host', 'port', 'transport', 'username', 'password'].map((k) => [k, s[k] ? String(s[k]) : null]),
          ) as unknown as ExternalService,
        ),
      );
      if (servers.length > 0) this.iceServers = servers;
    }
    return metadata;
  }

  private learn(components: Map<string, string>): void {
    for (const [type, address] of components) this.components.set(type, address);
    this.onLearnt();
  }
}
