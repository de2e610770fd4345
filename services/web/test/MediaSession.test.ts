import * as sdpTransform from 'sdp-transform';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MediaSession } from '../src/conference/MediaSession';
import { parseCompactSources } from '../src/conference/sources';
import type { RemoteTrack } from '../src/conference/tracks';
import { IqError, type XmppConnection } from '../src/conference/XmppConnection';
import { build, child, children, parseXml, type XNode } from '../src/conference/xml';
import { FakePeer, FakeTrack, useFakePeer } from './fakePeer';
import { ANN_SOURCES, BRIDGE_SOURCES, SOURCE_ADD_XML, sessionInitiate } from './stanzas';

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const track = (kind: 'audio' | 'video') => new FakeTrack(kind) as unknown as MediaStreamTrack;

let sent: Element[];
let answer: () => Promise<Element>;
let session: MediaSession;
let added: string[];
let removed: string[];

function open(sources = `${BRIDGE_SOURCES},${ANN_SOURCES}`): MediaSession {
  const connection = {
    jid: 'me@meet.test/r',
    iq: async (node: XNode) => {
      sent.push(build(node));
      return answer();
    },
  } as unknown as XmppConnection;
  const jingle = parseXml(sessionInitiate(`{"sources":{${sources}}}`));
  const made = MediaSession.fromOffer(connection, 'standup@conference.meet.test/focus', jingle, {
    endpointId: '0123abcd',
    iceServers: [],
    forceRelay: false,
    simulcast: true,
    lastN: -1,
    preferredVideo: 'VP8',
  });
  if (!made) throw new Error('offer not understood');
  made.on('trackAdded', (t: RemoteTrack) => added.push(t.sourceName));
  made.on('trackRemoved', (t: RemoteTrack) => removed.push(t.sourceName));
  return made;
}

const actions = () => sent.map((s) => child(s, 'jingle')?.getAttribute('action'));
const sources = (stanza: Element | undefined) =>
  [...(stanza?.querySelectorAll('description > source') ?? [])].map((s) => s.getAttribute('name'));

beforeEach(() => {
  useFakePeer();
  sent = [];
  added = [];
  removed = [];
  answer = async () => parseXml('<iq type="result"/>');
  session = open();
});
afterEach(() => vi.unstubAllGlobals());

describe('MediaSession', () => {
  it('accepts with its tracks and shows the sources that were offered', async () => {
    await session.accept({ audio: track('audio'), video: track('video') });
    expect(actions()).toEqual(['session-accept']);
    const jingle = child(sent[0], 'jingle');
    expect(jingle?.getAttribute('sid')).toBe('7k2q0h1v3m');
    expect(jingle?.getAttribute('responder')).toBe('me@meet.test/r');
    expect(children(jingle, 'content').map((c) => c.getAttribute('name'))).toEqual(['audio', 'video', 'data']);
    expect(sources(sent[0])).toEqual(['0123abcd-a0', ...Array(6).fill('0123abcd-v0')]);
    expect(added).toEqual(['a1b2c3d4-v0', 'a1b2c3d4-a0']);
  });

  it('signals only what has a track, the rest when it first has one, and then never again', async () => {
    await session.accept({ audio: null, video: null });
    expect(sources(sent[0])).toEqual([]);
    await session.setTrack('v0', track('video'));
    await session.setTrack('v0', null);
    await session.setTrack('v0', track('video'));
    expect(actions()).toEqual(['session-accept', 'source-add']);
    expect(sources(sent[1])).toEqual(Array(6).fill('0123abcd-v0'));
  });

  it('changes nothing before the focus has taken the answer', async () => {
    let release: (e: Element) => void = () => {};
    answer = () => new Promise((resolve) => (release = resolve));
    const accepting = session.accept({ audio: null, video: null });
    await settled();
    session.onJingle('source-add', parseXml(SOURCE_ADD_XML));
    await settled();
    expect(FakePeer.last.negotiations).toBe(1);
    release(parseXml('<iq type="result"/>'));
    await accepting;
    await settled();
    expect(FakePeer.last.negotiations).toBe(2);
    expect(added).toContain('a1b2c3d4-v1');
  });

  it('negotiates once for changes that come together', async () => {
    await session.accept({ audio: null, video: null });
    session.addRemote(parseCompactSources('{"sources":{"b":[[{"s":5,"n":"b-v0"}]],"c":[[{"s":6,"n":"c-v0"}]]}}'));
    session.removeOwner('a1b2c3d4');
    await settled();
    expect(FakePeer.last.negotiations).toBe(2);
    expect(removed.sort()).toEqual(['a1b2c3d4-a0', 'a1b2c3d4-v0']);
    expect(added.slice(2)).toEqual(['b-v0', 'c-v0']);
  });

  it('sends a screen on a section of its own', async () => {
    await session.accept({ audio: track('audio'), video: track('video') });
    await session.setTrack('v1', track('video'));
    expect(actions()).toEqual(['session-accept', 'source-add']);
    expect(sources(sent[1])).toEqual(['0123abcd-v1']);
    expect(sent[1]?.querySelector('source')?.getAttribute('videoType')).toBe('desktop');
    expect(sdpTransform.parse(FakePeer.last.remote).media.at(-1)?.direction).toBe('recvonly');
    await session.setTrack('v1', null);
    await session.setTrack('v1', track('video'));
    expect(actions()).toHaveLength(2);
  });

  it('takes a track back that the focus refused', async () => {
    await session.accept({ audio: null, video: null });
    answer = async () => {
      throw new IqError('resource-constraint');
    };
    const rejected = vi.fn();
    session.on('sourceRejected', rejected);
    await expect(session.setTrack('a0', track('audio'))).rejects.toThrow(IqError);
    expect(rejected).toHaveBeenCalledWith('a0');
    expect(session.senderOf('a0')?.track).toBeNull();
  });

  it('rests layers that nobody wants', async () => {
    await session.accept({ audio: null, video: track('video') });
    session.setWantedHeight('0123abcd-v0', 180);
    await settled();
    const encodings = session.senderOf('v0')?.getParameters().encodings ?? [];
    expect(encodings.map((e) => e.active)).toEqual([true, false, false]);
    expect(encodings.map((e) => e.scaleResolutionDownBy)).toEqual([4, 2, 1]);
  });

  it('gives slots of a rewriting bridge to other sources without negotiating', async () => {
    session = open(BRIDGE_SOURCES);
    await session.accept({ audio: null, video: null });
    const slot = (source: string, owner: string, ssrc = 777) => [{ source, owner, ssrc, rtx: 778, desktop: false }];
    session.mapSources('video', slot('ann-v0', 'ann'));
    await settled();
    expect(FakePeer.last.negotiations).toBe(2);
    session.mapSources('video', slot('bob-v0', 'bob'));
    await settled();
    expect(FakePeer.last.negotiations).toBe(2);
    expect([added, removed]).toEqual([['ann-v0', 'bob-v0'], ['ann-v0']]);
  });

  it('answers new ICE credentials with its own, once', async () => {
    await session.accept({ audio: null, video: null });
    const info = (generation: number) =>
      parseXml(
        `<jingle xmlns="urn:xmpp:jingle:1" action="transport-info" sid="7k2q0h1v3m"><content creator="initiator" name="audio"><transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" ufrag="newer" pwd="newpasswordnewpassword" ice-generation="${generation}"/></content></jingle>`,
      );
    session.onJingle('transport-info', info(1));
    await settled();
    session.onJingle('transport-info', info(1));
    await settled();
    expect(actions()).toEqual(['session-accept', 'transport-info']);
    expect(sent[1]?.querySelector('transport')?.getAttribute('ice-generation')).toBe('1');
    expect(FakePeer.last.remote).toContain('a=ice-ufrag:newer');
    expect(FakePeer.last.remote).toContain('203.0.113.7');
  });

  it('says failed when the connection does, and asks for another with a restart', async () => {
    await session.accept({ audio: null, video: null });
    const failed = vi.fn();
    session.on('failed', failed);
    FakePeer.last.become('failed');
    expect(failed).toHaveBeenCalledWith('ice');
    await session.terminate('connectivity-error', 'ICE FAILED', true);
    const jingle = child(sent.at(-1), 'jingle');
    expect(child(jingle, 'bridge-session')?.getAttribute('restart')).toBe('true');
    expect(child(jingle, 'bridge-session')?.getAttribute('id')).toBe('0f9c-uuid');
    expect(child(child(jingle, 'reason'), 'connectivity-error')).not.toBeNull();
    expect(FakePeer.last.closed).toBe(true);
  });

  it('does not take what belongs to another session', () => {
    expect(session.onJingle('source-add', parseXml('<jingle xmlns="urn:xmpp:jingle:1" sid="other"/>'))).toBe(false);
  });
});
