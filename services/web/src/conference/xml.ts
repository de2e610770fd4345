/** Namespaces of the Jitsi wire. */
export const NS = {
  client: 'jabber:client',
  focus: 'http://jitsi.org/protocol/focus',
  etherpad: 'http://jitsi.org/jitmeet/etherpad',
  jitmeet: 'http://jitsi.org/jitmeet',
  jingle: 'urn:xmpp:jingle:1',
  rtp: 'urn:xmpp:jingle:apps:rtp:1',
  rtcpFb: 'urn:xmpp:jingle:apps:rtp:rtcp-fb:0',
  hdrExt: 'urn:xmpp:jingle:apps:rtp:rtp-hdrext:0',
  ssma: 'urn:xmpp:jingle:apps:rtp:ssma:0',
  iceUdp: 'urn:xmpp:jingle:transports:ice-udp:1',
  dtls: 'urn:xmpp:jingle:apps:dtls:0',
  sctp: 'urn:xmpp:jingle:transports:dtls-sctp:1',
  grouping: 'urn:xmpp:jingle:apps:grouping:0',
  colibri: 'http://jitsi.org/protocol/colibri',
  colibri2: 'jitsi:colibri2',
  muc: 'http://jabber.org/protocol/muc',
  mucUser: 'http://jabber.org/protocol/muc#user',
  mucAdmin: 'http://jabber.org/protocol/muc#admin',
  caps: 'http://jabber.org/protocol/caps',
  disco: 'http://jabber.org/protocol/disco#info',
  extdisco: 'urn:xmpp:extdisco:2',
  nick: 'http://jabber.org/protocol/nick',
  ping: 'urn:xmpp:ping',
  delay: 'urn:xmpp:delay',
  displayName: 'http://jitsi.org/protocol/display-name',
  errors: 'urn:jitsimesh:errors',
  stanzas: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  muteAudio: 'http://jitsi.org/jitmeet/audio',
  muteVideo: 'http://jitsi.org/jitmeet/video',
  muteDesktop: 'http://jitsi.org/jitmeet/desktop',
} as const;

type AttrValue = string | number | boolean | null | undefined;

/** A description of an element; `build` turns it into DOM. Children without `xmlns` inherit their parent's. */
export interface XNode {
  name: string;
  attrs: Record<string, AttrValue>;
  children: (XNode | string)[];
}

export type XChild = XNode | string | null | undefined | false | XChild[];

export function x(name: string, attrs: Record<string, AttrValue> = {}, ...children: XChild[]): XNode {
  return { name, attrs, children: flatten(children) };
}

function flatten(children: XChild[]): (XNode | string)[] {
  return children.flatMap((c) => {
    if (Array.isArray(c)) return flatten(c);
    return c === null || c === undefined || c === false ? [] : [c];
  });
}

/**
 * Every element that changes its namespace carries its own default `xmlns`, and stanzas carry `jabber:client`: readers
 * on this wire match the literal attribute.
 */
export function build(node: XNode, inherited = ''): Element {
  const namespace = (node.attrs.xmlns as string | undefined) ?? (inherited || NS.client);
  const doc = document.implementation.createDocument(namespace, node.name, null);
  const element = doc.documentElement;
  fill(doc, element, node, namespace, inherited);
  return element;
}

function fill(doc: Document, element: Element, node: XNode, namespace: string, inherited: string): void {
  if (namespace !== inherited) element.setAttributeNS('http://www.w3.org/2000/xmlns/', 'xmlns', namespace);
  for (const [key, value] of Object.entries(node.attrs)) {
    if (key === 'xmlns' || value === undefined || value === null) continue;
    element.setAttribute(key, String(value));
  }
  for (const child of node.children) {
    if (typeof child === 'string') {
      element.appendChild(doc.createTextNode(child));
      continue;
    }
    const childNamespace = (child.attrs.xmlns as string | undefined) ?? namespace;
    const childElement = doc.createElementNS(childNamespace, child.name);
    fill(doc, childElement, child, childNamespace, namespace);
    element.appendChild(childElement);
  }
}

export function parseXml(text: string): Element {
  return new DOMParser().parseFromString(text, 'text/xml').documentElement;
}

/** By the namespace that the element has, whatever its attributes and its prefix look like. */
function matches(element: Element, name: string, namespace?: string): boolean {
  return element.localName === name && (!namespace || element.namespaceURI === namespace);
}

/** First child element of that name (and namespace). */
export function child(parent: Element | null | undefined, name: string, namespace?: string): Element | null {
  if (!parent) return null;
  for (const element of parent.children) if (matches(element, name, namespace)) return element;
  return null;
}

export function children(parent: Element | null | undefined, name: string, namespace?: string): Element[] {
  return parent ? [...parent.children].filter((element) => matches(element, name, namespace)) : [];
}

export function attr(element: Element | null | undefined, name: string): string | null {
  return element?.getAttribute(name) ?? null;
}

export function text(element: Element | null | undefined): string {
  return element?.textContent ?? '';
}

export const bareJid = (jid: string): string => jid.split('/')[0] ?? jid;
export const resourceOf = (jid: string): string => {
  const slash = jid.indexOf('/');
  return slash < 0 ? '' : jid.slice(slash + 1);
};

/** Condition of a stanza error: the local name of the first child in the stanzas namespace. */
export function errorCondition(stanza: Element): string {
  const error = child(stanza, 'error');
  const condition = [...(error?.children ?? [])].find((e) => e.namespaceURI === NS.stanzas && e.localName !== 'text');
  return condition?.localName ?? 'undefined-condition';
}

/** A JSON object carried in `<json-message>`, or null when it is not an object. */
export function jsonMessage(parent: Element): Record<string, unknown> | null {
  const element = child(parent, 'json-message', NS.jitmeet);
  if (!element) return null;
  return parseJsonObject(text(element));
}

export function parseJsonObject(source: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
