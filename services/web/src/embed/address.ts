import { EmbedLimits } from './limits';

/** What a page around a call hands over in the part of the address after `#`, which no server sees. */
export interface Handed {
  /** Number of the frame in the page around; null when the page stands alone. */
  id: string | null;
  displayName: string;
  /** Keys of config.js that it wishes otherwise, such as `startWithAudioMuted` or `prejoinConfig.enabled`. */
  config: Record<string, unknown>;
}

const ID = 'jitsi_meet_external_api_id';

/**
 * Keys that an address may change. Anybody can write an address: no server, no login and nothing that shows the person less of what happens is among them.
 */
const OVERWRITABLE = new Set([
  'disableSimulcast',
  'prejoinConfig.enabled',
  'prejoinPageEnabled',
  'resolution',
  'startAudioMuted',
  'startSilent',
  'startVideoMuted',
  'startWithAudioMuted',
  'startWithVideoMuted',
  'subject',
]);

/** Values are JSON texts, as in `#config.startWithAudioMuted=true&userInfo.displayName="Ann"`. What cannot be read is left out. */
export function readHash(hash: string): Handed {
  const handed: Handed = { id: null, displayName: '', config: {} };
  if (hash.length > EmbedLimits.addressLength) return handed;
  for (const part of hash.replace(/^#/, '').split('&')) {
    const equals = part.indexOf('=');
    if (equals < 1) continue;
    const name = part.slice(0, equals);
    const value = parsed(part.slice(equals + 1));
    if (value === undefined) continue;
    if (name === ID)
      handed.id = typeof value === 'number' || typeof value === 'string' ? `${value}`.slice(0, 20) : null;
    else if (name === 'userInfo.displayName' && typeof value === 'string')
      handed.displayName = value.trim().slice(0, EmbedLimits.textLength);
    else if (name.startsWith('config.') && OVERWRITABLE.has(name.slice('config.'.length)))
      handed.config[name.slice('config.'.length)] = value;
  }
  return handed;
}

/** The configuration with what the address wishes otherwise. */
export function withOverwrites(config: unknown, wishes: Record<string, unknown>): unknown {
  if (typeof config !== 'object' || config === null) return config;
  const result: Record<string, unknown> = { ...config };
  for (const [path, value] of Object.entries(wishes)) {
    const [outer = '', inner] = path.split('.');
    if (inner === undefined) result[outer] = value;
    else {
      const before = result[outer];
      result[outer] = { ...(typeof before === 'object' && before !== null ? before : {}), [inner]: value };
    }
  }
  return result;
}

export function writeHash(id: number, values: Record<string, unknown>): string {
  const parts = [`${ID}=${id}`];
  for (const [name, value] of Object.entries(flat(values)))
    parts.push(`${name}=${encodeURIComponent(JSON.stringify(value))}`);
  return `#${parts.join('&')}`;
}

/** Objects within objects become names with dots; lists stay as they are. */
function flat(values: Record<string, unknown>, prefix = ''): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      Object.assign(result, flat(value as Record<string, unknown>, `${prefix}${name}.`));
    else result[prefix + name] = value;
  }
  return result;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(decodeURIComponent(text));
  } catch {
    return undefined;
  }
}
