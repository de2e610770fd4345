import type { MeshConfig } from './config';
import { iceServer, parseDisco, queryDomain, queryIceServers } from './Disco';
import { ClientLimits } from './limits';
import type { XmppConnection } from './XmppConnection';
import { attr, child, jsonMessage, NS } from './xml';

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

  /** Address of the component that keeps breakout rooms; null when the server has none. */
  get breakoutAddress(): string | null {
    return this.components.get('breakout_rooms') ?? null;
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
    if (from !== this.components.get('room_metadata')) return null;
    const message = jsonMessage(stanza);
    if (message?.type !== 'room_metadata') return null;
    const metadata = recordOf(message.metadata);
    if (Array.isArray(metadata.services)) {
      const servers = metadata.services.slice(0, ClientLimits.iceServers).flatMap((service: unknown) => {
        const values = recordOf(service);
        const textOf = (key: string) =>
          typeof values[key] === 'string' || typeof values[key] === 'number' ? `${values[key]}` || null : null;
        return iceServer({
          type: textOf('type'),
          host: textOf('host'),
          port: textOf('port'),
          transport: textOf('transport'),
          username: textOf('username'),
          password: textOf('password'),
        });
      });
      if (servers.length > 0) this.iceServers = servers;
    }
    return metadata;
  }

  private learn(components: Map<string, string>): void {
    for (const [type, address] of components) {
      // A component is a domain: an occupant's address would be somebody's who is not the server.
      if (/[@/\s]/.test(address) || this.components.size >= ClientLimits.components) continue;
      this.components.set(type, address);
    }
    this.onLearnt();
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
