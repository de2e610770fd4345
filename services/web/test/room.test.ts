import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Caps, clientFeatures, sha1, verificationString } from '../src/conference/caps';
import { Emitter } from '../src/conference/emitter';
import { joinFailure } from '../src/conference/joinFailure';
import { parseSourceInfo, Room } from '../src/conference/Room';
import type { XmppConnection } from '../src/conference/XmppConnection';
import { build, child, parseXml, type XNode } from '../src/conference/xml';
import { presence } from './stanzas';

class Wire extends Emitter<{ presence: [Element]; message: [Element] }> {
  sent: Element[] = [];
  send(node: XNode) {
    this.sent.push(build(node));
  }
  iq = vi.fn(async (node: XNode) => {
    this.sent.push(build(node));
    return parseXml('<iq/>');
  });
  uniqueId = () => 'u1';
  last = () => this.sent.at(-1) as Element;
  hear(xml: string) {
    const stanza = parseXml(xml);
    this.emit(stanza.localName === 'message' ? 'message' : 'presence', stanza);
  }
}

let wire: Wire;
let room: Room;
const ME = '0123abcd';

beforeEach(() => {
  wire = new Wire();
  room = new Room(
    wire as unknown as XmppConnection,
    'standup@conference.meet.test',
    ME,
    'focus@auth.meet.test',
    'hidden.meet.test',
    new Caps(clientFeatures(false)),
  );
  room.setName('Sam');
  room.setSource(`${ME}-a0`, { muted: false, videoType: 'camera' });
});

const joined = () => wire.hear(presence(ME, '', { status: '<status code="110"/>' }));

describe('Room', () => {
  it('joins with capabilities, name and source states', () => {
    room.join('secret');
    const stanza = wire.last();
    expect(stanza.getAttribute('to')).toBe(`standup@conference.meet.test/${ME}`);
    expect(child(child(stanza, 'x', 'http://jabber.org/protocol/muc'), 'password')?.textContent).toBe('secret');
    expect(child(stanza, 'c', 'http://jabber.org/protocol/caps')?.getAttribute('hash')).toBe('sha-1');
    expect(child(stanza, 'nick', 'http://jabber.org/protocol/nick')?.textContent).toBe('Sam');
    expect(JSON.parse(child(stanza, 'SourceInfo')?.textContent ?? '')).toEqual({ [`${ME}-a0`]: { muted: false } });
  });

  it('hears of the shared document from the focus alone', () => {
    const names: string[] = [];
    room.on('document', (name) => names.push(name));
    const document = '<etherpad xmlns="http://jitsi.org/jitmeet/etherpad">standup</etherpad>';
    wire.hear(presence('eve00000', document));
    wire.hear(presence('focus', document, { jid: 'eve@meet.test/x' }));
    expect(names).toEqual([]);
    wire.hear(presence('focus', document, { jid: 'focus@auth.meet.test/focus' }));
    expect(names).toEqual(['standup']);
  });

  it('sends changes only when joined, and then the whole presence without the join element', () => {
    const before = wire.sent.length;
    room.setProperty('raisedHand', '5');
    expect(wire.sent).toHaveLength(before);
    joined();
    room.setSource(`${ME}-v1`, { muted: false, videoType: 'desktop' });
    const stanza = wire.last();
    expect(child(stanza, 'x')).toBeNull();
    expect(child(stanza, 'jitsi_participant_raisedHand')?.textContent).toBe('5');
    expect(JSON.parse(child(stanza, 'SourceInfo')?.textContent ?? '')[`${ME}-v1`]).toEqual({
      muted: false,
      videoType: 'desktop',
    });
  });

  it('tells the focus from an occupant that only calls itself so', () => {
    wire.hear(presence('focus', '', { jid: 'mallory@meet.test/x' }));
    expect(room.focusSeen).toBe(false);
    wire.hear(presence('focus', '', { jid: 'focus@auth.meet.test/focus', affiliation: 'owner' }));
    expect(room.focusSeen).toBe(true);
    expect(room.members.size).toBe(0);
  });

  it('follows members: coming, changing, leaving', () => {
    const events: string[] = [];
    room.on('memberJoined', (m) => events.push(`joined ${m.name}`));
    room.on('memberChanged', (m) => events.push(`hand ${m.raisedHand}`));
    room.on('memberLeft', (m, how) => events.push(`left ${m.name} ${how.kicked}`));
    const nick = '<nick xmlns="http://jabber.org/protocol/nick">Ann</nick>';
    wire.hear(presence('a1b2c3d4', nick));
    wire.hear(presence('a1b2c3d4', `${nick}<jitsi_participant_raisedHand>42</jitsi_participant_raisedHand>`));
    wire.hear(
      presence('a1b2c3d4', '', { status: '<status code="307"/>' }).replace('<presence', '<presence type="unavailable"'),
    );
    expect(events).toEqual(['joined Ann', 'hand 42', 'left Ann true']);
  });

  it('marks occupants of the hidden domain', () => {
    wire.hear(presence('rec', '', { jid: 'recorder@hidden.meet.test/r' }));
    expect(room.members.get('rec')?.hidden).toBe(true);
  });

  it('says who threw one out', () => {
    const kicked = vi.fn();
    room.on('kicked', kicked);
    joined();
    wire.hear(
      `<presence xmlns="jabber:client" type="unavailable" from="standup@conference.meet.test/${ME}"><x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="none" role="none"><actor nick="a1b2c3d4"/><reason>bye</reason></item><status code="307"/><status code="110"/></x></presence>`,
    );
    expect(kicked).toHaveBeenCalledWith({ by: 'a1b2c3d4', reason: 'bye' });
  });

  it('hears that the room was destroyed', () => {
    const destroyed = vi.fn();
    room.on('destroyed', destroyed);
    joined();
    wire.hear(
      `<presence xmlns="jabber:client" type="unavailable" from="standup@conference.meet.test/${ME}"><x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="none" role="none"/><destroy><reason>The meeting has been terminated</reason></destroy></x></presence>`,
    );
    expect(destroyed).toHaveBeenCalledWith('The meeting has been terminated', null);
    wire.hear(
      `<presence xmlns="jabber:client" type="unavailable" from="standup@conference.meet.test/${ME}"><x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="none" role="none"/><destroy jid="other@conference.meet.test"/></x></presence>`,
    );
    expect(destroyed).toHaveBeenLastCalledWith('', 'other@conference.meet.test');
  });

  it('shows group messages from their echo and private ones at once', () => {
    const messages: string[] = [];
    room.on('chat', (m) => messages.push(`${m.own} ${m.privateWith} ${m.text}`));
    joined();
    room.sendChat('all', null);
    expect(messages).toEqual([]);
    wire.hear(
      `<message xmlns="jabber:client" type="groupchat" id="u1" from="standup@conference.meet.test/${ME}"><body>all</body></message>`,
    );
    room.sendChat('psst', 'a1b2c3d4');
    expect(messages).toEqual(['true null all', 'true a1b2c3d4 psst']);
  });

  it('takes time and name of old messages from the server', () => {
    const messages: { at: number; fromName: string }[] = [];
    room.on('chat', (m) => messages.push(m));
    wire.hear(
      '<message xmlns="jabber:client" type="groupchat" id="h" from="standup@conference.meet.test/gone0001"><body>hi</body><display-name xmlns="http://jitsi.org/protocol/display-name" source="guest">Bob</display-name><delay xmlns="urn:xmpp:delay" stamp="2026-01-02T03:04:05Z"/></message>',
    );
    expect(messages[0]).toMatchObject({ fromName: 'Bob', at: Date.UTC(2026, 0, 2, 3, 4, 5) });
  });

  it('moderates: kick by nick, grant by bare address, mute through the focus', async () => {
    wire.hear(presence('a1b2c3d4'));
    await room.kick('a1b2c3d4');
    expect(wire.last().querySelector('item')?.getAttribute('nick')).toBe('a1b2c3d4');
    expect(wire.last().querySelector('item')?.getAttribute('role')).toBe('none');
    await room.grantModerator('a1b2c3d4');
    expect(wire.last().querySelector('item')?.getAttribute('jid')).toBe('a1b2c3d4@meet.test');
    await room.mute('a1b2c3d4', 'audio');
    expect(wire.last().getAttribute('to')).toBe('standup@conference.meet.test/focus');
    expect(child(wire.last(), 'mute', 'http://jitsi.org/jitmeet/audio')?.textContent).toBe('true');
  });
});

describe('source states', () => {
  it('drops names of others and reads defaults', () => {
    expect(
      parseSourceInfo('ann', '{"ann-a0":{},"ann-v1":{"muted":false,"videoType":"desktop"},"bob-a0":{"muted":false}}'),
    ).toEqual({
      'ann-a0': { muted: true, videoType: 'camera' },
      'ann-v1': { muted: false, videoType: 'desktop' },
    });
    expect(parseSourceInfo('ann', 'not json')).toEqual({});
  });
});

describe('join errors', () => {
  const error = (inner: string) => parseXml(`<error xmlns="jabber:client">${inner}</error>`);
  it.each([
    ['not-authorized', '', '', 'password'],
    ['registration-required', '', '', 'members-only'],
    ['service-unavailable', '', '', 'full'],
    ['not-allowed', '', 'Room creation is restricted', 'room-gone'],
    ['not-allowed', '<authentication-required xmlns="http://jitsi.org/jitmeet"/>', '', 'authentication'],
    ['not-acceptable', '<displayname-required xmlns="http://jitsi.org/jitmeet"/>', '', 'display-name'],
    ['conflict', '', '', 'error'],
  ])('%s %s %s', (condition, inner, text, expected) => {
    expect(joinFailure(condition, error(inner), text)).toBe(expected);
  });
});

describe('capabilities', () => {
  it('hashes as RFC 3174 says', () => {
    const hex = (bytes: Uint8Array) => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
    expect(hex(sha1(new TextEncoder().encode('abc')))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
    expect(hex(sha1(new TextEncoder().encode('a'.repeat(119))))).toBe('ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56');
    expect(hex(sha1(new Uint8Array()))).toBe('da39a3ee5e6b4b0d3255bfef95601890afd80709');
  });

  it('sorts features in the verification string', () => {
    expect(verificationString(['b', 'a'])).toBe('client/web//JitsiMesh<a<b<');
  });
});
