import { RESERVED } from './reserved';

/** What the conference engine needs from `config.js`, under names of its own. */
export interface MeshConfig {
  domain: string;
  anonymousDomain: string | null;
  mucDomain: string;
  focusAddress: string;
  focusUserJid: string | null;
  hiddenDomain: string | null;
  /** Where people sign in to get a token, with placeholders; null when no provider does. */
  tokenAuthUrl: string | null;
  /** Finds people; null when the server has no directory. */
  peopleSearchUrl: string | null;
  /** What is looked for there. */
  peopleSearchTypes: string[];
  /** Sends invitations to people who were found; null when nobody does. */
  inviteServiceUrl: string | null;
  /** Where somebody who came in with a token is signed out; null when nobody does that. */
  tokenLogoutUrl: string | null;
  websocketUrl: string | null;
  boshUrl: string | null;
  conferenceRequestUrl: string | null;
  preferSctp: boolean;
  /** Whether people look at their devices before they go in. */
  prejoin: boolean;
  /** Where shared documents are, with a slash at its end; null when the server has none. */
  documentsUrl: string | null;
  ignoreBridgeDomain: string | null;
  /** Height in pixels that the camera is asked for. */
  resolution: number;
  simulcast: boolean;
  lastN: number;
  startWithAudioMuted: boolean;
  startWithVideoMuted: boolean;
  /** From the n-th participant on, people are asked to start muted; null leaves it to the server. */
  startAudioMuted: number | null;
  startVideoMuted: number | null;
  inPlaceIceRestart: boolean;
  ssrcRewriting: boolean;
  resumeStreams: boolean;
  audioProcessing: boolean;
  forceRelay: boolean;
}

export class ConfigError extends Error {}

type Bag = Record<string, unknown>;
const bag = (value: unknown): Bag => (typeof value === 'object' && value !== null ? (value as Bag) : {});
const str = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const num = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

const strings = (value: unknown): string[] | null =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : null;

/** Reads the standard Jitsi keys. Throws a ConfigError that names the missing key. */
export function readConfig(raw: unknown, location: { protocol: string; host: string; href: string }): MeshConfig {
  const config = bag(raw);
  const hosts = bag(config.hosts);
  const bridgeChannel = bag(config.bridgeChannel);
  const flags = bag(config.flags);
  const domain = str(hosts.domain);
  if (!domain) throw new ConfigError('config.js: hosts.domain is missing');
  const websocket = str(config.websocket);
  const bosh = str(config.bosh);
  if (!websocket && !bosh) throw new ConfigError('config.js: neither websocket nor bosh is set');
  return {
    domain,
    anonymousDomain: str(hosts.anonymousdomain),
    mucDomain: str(hosts.muc) ?? `conference.${domain}`,
    focusAddress: str(hosts.focus) ?? `focus.${domain}`,
    focusUserJid: str(config.focusUserJid),
    hiddenDomain: str(config.hiddenDomain),
    tokenAuthUrl: str(config.tokenAuthUrl),
    peopleSearchUrl: httpAddress(config.peopleSearchUrl, location),
    peopleSearchTypes: strings(config.peopleSearchQueryTypes) ?? ['user'],
    inviteServiceUrl: httpAddress(config.inviteServiceUrl, location),
    tokenLogoutUrl: str(config.tokenLogoutUrl),
    websocketUrl: websocket && config.preferBosh !== true ? absolute(websocket, location, 'ws') : null,
    boshUrl: bosh ? absolute(bosh, location, 'http') : null,
    conferenceRequestUrl: httpAddress(config.conferenceRequestUrl, location),
    prejoin: bag(config.prejoinConfig).enabled !== false && config.prejoinPageEnabled !== false,
    documentsUrl: httpAddress(config.etherpad_base, location),
    preferSctp: bridgeChannel.preferSctp !== false,
    ignoreBridgeDomain: str(bridgeChannel.ignoreDomain),
    resolution: num(config.resolution) ?? 720,
    simulcast: config.disableSimulcast !== true,
    lastN: num(config.channelLastN) ?? -1,
    startWithAudioMuted: config.startWithAudioMuted === true,
    startWithVideoMuted: config.startWithVideoMuted === true,
    startAudioMuted: num(config.startAudioMuted),
    startVideoMuted: num(config.startVideoMuted),
    inPlaceIceRestart: config.enableIceRestart === true,
    ssrcRewriting: flags.ssrcRewritingEnabled === true,
    resumeStreams: config.enableWebsocketResume !== false,
    audioProcessing: config.disableAP !== true,
    forceRelay: config.iceTransportPolicy === 'relay',
  };
}

function httpAddress(value: unknown, location: { protocol: string; href: string }): string | null {
  const url = str(value);
  return url ? absolute(url, location, 'http') : null;
}

function absolute(url: string, location: { protocol: string; href: string }, scheme: 'ws' | 'http'): string {
  const resolved = new URL(url, location.href);
  const secure = resolved.protocol === 'https:' || resolved.protocol === 'wss:';
  resolved.protocol = scheme === 'ws' ? (secure ? 'wss:' : 'ws:') : secure ? 'https:' : 'http:';
  return resolved.href;
}

/** Characters that a room name may not hold, in the reading of the clients in the field. */
const EXCLUDED = /[:?#[\]@!$&'()*+,;=></"]/g;

/** The node part of the room's address: decoded, NFKC, lower case, without excluded characters, percent-encoded. */
export function roomNode(name: string): string {
  let decoded = name;
  try {
    decoded = decodeURIComponent(name);
  } catch {
    // A stray per cent sign: the name is taken as it is.
  }
  return encodeURIComponent(decoded.normalize('NFKC').toLowerCase().trim().replace(EXCLUDED, '')).toLowerCase();
}

/** Characters that a room in a path of the edge proxy cannot have, and what hides a file. */
const NOT_IN_A_PATH = /[/?&:'"]|^\./;

export function isRoomName(name: string): boolean {
  return roomNode(name) !== '' && !RESERVED.has(name) && !NOT_IN_A_PATH.test(name);
}

export function withParam(url: string, name: string, value: string): string {
  const result = new URL(url);
  result.searchParams.set(name, value);
  return result.href;
}
