import { ClientLimits } from './limits';
import { log } from './log';
import { Sdp, wholeNumber } from './sdp';
import type { XmppConnection } from './XmppConnection';
import { attr, child, children, NS, x } from './xml';

/** Components of the main domain, by identity type: their addresses. A missing one means the feature is off. */
export interface DomainDisco {
  components: Map<string, string>;
  features: Set<string>;
}

export function parseDisco(query: Element): DomainDisco {
  const components = new Map<string, string>();
  for (const identity of children(query, 'identity')) {
    const type = attr(identity, 'type');
    const name = attr(identity, 'name');
    if (attr(identity, 'category') === 'component' && type && name) components.set(type, name);
  }
  return { components, features: new Set(children(query, 'feature').map((f) => attr(f, 'var') ?? '')) };
}

export async function queryDomain(connection: XmppConnection, domain: string): Promise<DomainDisco> {
  try {
    const reply = await connection.iq(x('iq', { type: 'get', to: domain }, x('query', { xmlns: NS.disco })), 5000);
    const query = child(reply, 'query', NS.disco);
    if (query) return parseDisco(query);
  } catch (error) {
    log('disco', 'domain query failed', error);
  }
  return { components: new Map(), features: new Set() };
}

export async function queryIceServers(connection: XmppConnection, domain: string): Promise<RTCIceServer[]> {
  try {
    const reply = await connection.iq(
      x('iq', { type: 'get', to: domain }, x('services', { xmlns: NS.extdisco })),
      5000,
    );
    const services = child(reply, 'services', NS.extdisco);
    return children(services, 'service')
      .slice(0, ClientLimits.iceServers)
      .flatMap((s) =>
        iceServer({
          type: attr(s, 'type'),
          host: attr(s, 'host'),
          port: attr(s, 'port'),
          transport: attr(s, 'transport'),
          username: attr(s, 'username'),
          password: attr(s, 'password'),
        }),
      );
  } catch (error) {
    log('disco', 'no external services', error);
    return [];
  }
}

export interface ExternalService {
  type: string | null;
  host: string | null;
  port: string | null;
  transport: string | null;
  username: string | null;
  password: string | null;
}

/** One service of XEP-0215 (or of the metadata's `services`) as the browser wants it; with one that is wrong it would make no connection at all. */
export function iceServer(service: ExternalService): RTCIceServer[] {
  const { type, host, port, transport, username, password } = service;
  if (port !== null && wholeNumber(port, 1, 65535) === null) return [];
  if (transport !== null && transport !== 'udp' && transport !== 'tcp') return [];
  if (!host || !Sdp.host.test(host) || !type || !['stun', 'stuns', 'turn', 'turns'].includes(type)) return [];
  const address = `${type}:${host.includes(':') ? `[${host}]` : host}${port ? `:${port}` : ''}`;
  if (type.startsWith('stun')) return [{ urls: address }];
  if (!username || !password) return [];
  return [{ urls: transport ? `${address}?transport=${transport}` : address, username, credential: password }];
}
