import { ClientLimits } from './limits';
import { attr, child, children, NS, parseJsonObject, resourceOf, text } from './xml';

export type MediaKind = 'audio' | 'video';

export interface SsrcGroup {
  semantics: 'FID' | 'SIM';
  ssrcs: number[];
}

/** One named media source of somebody else, with every SSRC that belongs to it. */
export interface RemoteSource {
  name: string;
  owner: string;
  kind: MediaKind;
  videoType: 'camera' | 'desktop';
  ssrcs: number[];
  groups: SsrcGroup[];
}

/** Owner of the bridge's own feedback sources. */
export const BRIDGE_OWNER = 'jvb';

interface RawSource {
  ssrc: number;
  name: string;
  desktop: boolean;
}

export const validSsrc = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 0xffffffff;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept out
const SEEN = /^[^\u0000-\u0020\u007f-\u009f\u2028\u2029]+$/;

/** A name that can be shown and compared: not too long, and without characters that nobody sees. */
export function validName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= ClientLimits.sourceName && SEEN.test(name);
}

/** Sources of a Jingle element, in either encoding: the compact JSON message or `<source>` children. */
export function parseSources(jingle: Element): RemoteSource[] {
  const json = child(jingle, 'json-message', NS.jitmeet);
  return json ? parseCompactSources(text(json)) : parseXmlSources(jingle);
}

/** `{"sources":{OWNER:[VIDEO,VGROUPS,AUDIO,AGROUPS]}}`; what cannot be read is left out. */
export function parseCompactSources(json: string): RemoteSource[] {
  const owners = parseJsonObject(json)?.sources;
  if (typeof owners !== 'object' || owners === null) return [];
  const result: RemoteSource[] = [];
  for (const [owner, lists] of Object.entries(owners as Record<string, unknown>).slice(0, ClientLimits.sourceOwners)) {
    if (!Array.isArray(lists)) continue;
    const [video, videoGroups, audio, audioGroups] = lists as unknown[];
    result.push(...assemble(owner, 'video', compactSources(owner, 'v', video), compactGroups(videoGroups)));
    result.push(...assemble(owner, 'audio', compactSources(owner, 'a', audio), compactGroups(audioGroups)));
  }
  return result;
}

function compactSources(owner: string, letter: 'a' | 'v', list: unknown): RawSource[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const { s, n, v } = (entry ?? {}) as { s?: unknown; n?: unknown; v?: unknown };
    const name = typeof n === 'string' && n ? n : `${owner}-${letter}0`;
    return validSsrc(s) && validName(name) ? [{ ssrc: s, name, desktop: v === 'd' }] : [];
  });
}

function compactGroups(list: unknown): SsrcGroup[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    if (!Array.isArray(entry)) return [];
    const [letter, ...ssrcs] = entry as unknown[];
    if ((letter !== 'f' && letter !== 's') || !ssrcs.every(validSsrc)) return [];
    return [{ semantics: letter === 'f' ? ('FID' as const) : ('SIM' as const), ssrcs: ssrcs as number[] }];
  });
}

function parseXmlSources(jingle: Element): RemoteSource[] {
  const result: RemoteSource[] = [];
  for (const content of children(jingle, 'content')) {
    const description = child(content, 'description', NS.rtp);
    const kind = attr(description, 'media') ?? attr(content, 'name');
    if (kind !== 'audio' && kind !== 'video') continue;
    const holders = [description, content].filter((e): e is Element => e !== null);
    const byOwner = new Map<string, RawSource[]>();
    for (const source of holders.flatMap((h) => children(h, 'source', NS.ssma))) {
      const ssrc = Number(attr(source, 'ssrc'));
      const ownerJid = attr(child(source, 'ssrc-info', NS.jitmeet), 'owner');
      if (!validSsrc(ssrc) || !ownerJid) continue;
      const owner = resourceOf(ownerJid) || ownerJid;
      const name = attr(source, 'name') || `${owner}-${kind[0]}0`;
      if (!validName(name)) continue;
      const list = byOwner.get(owner) ?? [];
      list.push({
        ssrc,
        name,
        desktop: attr(source, 'videoType')?.toLowerCase() === 'desktop',
      });
      byOwner.set(owner, list);
    }
    const groups = holders.flatMap((h) => children(h, 'ssrc-group', NS.ssma)).flatMap(xmlGroup);
    for (const [owner, list] of byOwner) result.push(...assemble(owner, kind, list, groups));
  }
  return result;
}

function xmlGroup(element: Element): SsrcGroup[] {
  const semantics = attr(element, 'semantics');
  const ssrcs = children(element, 'source').map((s) => Number(attr(s, 'ssrc')));
  return (semantics === 'FID' || semantics === 'SIM') && ssrcs.every(validSsrc) ? [{ semantics, ssrcs }] : [];
}

function assemble(owner: string, kind: MediaKind, list: RawSource[], groups: SsrcGroup[]): RemoteSource[] {
  const byName = new Map<string, RemoteSource>();
  for (const { ssrc, name, desktop } of list) {
    const source = byName.get(name) ?? {
      name,
      owner,
      kind,
      videoType: desktop ? 'desktop' : 'camera',
      ssrcs: [],
      groups: [],
    };
    if (source.ssrcs.length < ClientLimits.ssrcsOfSource && !source.ssrcs.includes(ssrc)) source.ssrcs.push(ssrc);
    if (desktop) source.videoType = 'desktop';
    byName.set(name, source);
  }
  for (const group of groups) {
    for (const source of byName.values()) {
      const own = group.ssrcs.length > 0 && group.ssrcs.every((s) => source.ssrcs.includes(s));
      if (own && source.groups.length < ClientLimits.ssrcsOfSource) source.groups.push(group);
    }
  }
  return [...byName.values()];
}
