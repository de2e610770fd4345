import type { MeshConfig } from './config';
import { log } from './log';
import { ConnectionError, XmppConnection, type XmppOptions } from './XmppConnection';

/** How long an address may take when there is another one to try: what swallows WebSockets does not refuse them. */
const FIRST_TIMEOUT_MS = 7_000;

/** Where the server is to be found, the better way first. Sessions over BOSH outlive lost requests by themselves and are not resumed. */
function addressesOf(config: MeshConfig): Array<{ url: string; canResume: boolean }> {
  const addresses: Array<{ url: string; canResume: boolean }> = [];
  if (config.websocketUrl !== null) addresses.push({ url: config.websocketUrl, canResume: true });
  if (config.boshUrl !== null) addresses.push({ url: config.boshUrl, canResume: false });
  return addresses;
}

/**
 * Opens a session over the WebSocket, or over BOSH where the WebSocket cannot be opened. Throws the ConnectionError of the last address; one that
 * answers and refuses is the last.
 */
export async function openConnection(
  config: MeshConfig,
  options: Omit<XmppOptions, 'url' | 'pingDomain' | 'connectTimeoutMs'>,
  /** Called with each connection before it is opened. */
  prepare: (connection: XmppConnection) => void = () => {},
  isWanted: () => boolean = () => true,
): Promise<XmppConnection> {
  const addresses = addressesOf(config);
  for (const [index, { url, canResume }] of addresses.entries()) {
    const isLast = index === addresses.length - 1;
    const connection = new XmppConnection({
      ...options,
      url,
      pingDomain: config.domain,
      resume: options.resume && canResume,
      ...(isLast ? {} : { connectTimeoutMs: FIRST_TIMEOUT_MS }),
    });
    prepare(connection);
    try {
      await connection.connect();
      return connection;
    } catch (error) {
      if (isLast || !isWanted() || !(error instanceof ConnectionError) || error.reason !== 'unreachable') throw error;
      log('xmpp', 'no WebSocket, trying BOSH', error.detail);
    }
  }
  throw new ConnectionError('unreachable', 'config.js names no server');
}
