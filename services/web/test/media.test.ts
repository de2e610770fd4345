import * as sdpTransform from 'sdp-transform';
import { describe, expect, it } from 'vitest';
import { parseOffer } from '../src/conference/jingle';
import {
  acceptContents,
  localStreams,
  localTransport,
  sourceContents,
  withSimulcast,
} from '../src/conference/LocalSdp';
import { preferCodec, RemoteSdp } from '../src/conference/RemoteSdp';
import { cameraLayers, desktopLayer } from '../src/conference/SenderLayers';
import { parseCompactSources, parseSources } from '../src/conference/sources';
import { build, child, children, parseXml, x } from '../src/conference/xml';
import { ANN_SOURCES, BRIDGE_SOURCES, SOURCE_ADD_XML, sessionInitiate } from './stanzas';

const jingle = (sources: string, options = {}) => parseXml(sessionInitiate(`{"sources":{${sources}}}`, options));

function remote(sources = `${BRIDGE_SOURCES},${ANN_SOURCES}`): RemoteSdp {
  const element = jingle(sources);
  const offer = parseOffer(element);
  if (!offer) throw new Error('offer not understood');
  return new RemoteSdp(offer, parseSources(element), 'VP8', 'jvb');
}

describe('sources', () => {
  it('reads the compact form', () => {
    const sources = parseCompactSources(`{"sources":{${ANN_SOURCES}}}`);
    expect(sources).toEqual([
      {
        name: 'a1b2c3d4-v0',
        owner: 'a1b2c3d4',
        kind: 'video',
        videoType: 'camera',
        ssrcs: [1001, 1002],
        groups: [{ semantics: 'FID', ssrcs: [1001, 1002] }],
      },
      { name: 'a1b2c3d4-a0', owner: 'a1b2c3d4', kind: 'audio', videoType: 'camera', ssrcs: [1003], groups: [] },
    ]);
  });

  it('reads the XML form with owners as occupant addresses', () => {
    const [source, ...rest] = parseSources(parseXml(SOURCE_ADD_XML));
    expect(rest).toEqual([]);
    expect(source).toMatchObject({ name: 'a1b2c3d4-v1', owner: 'a1b2c3d4', videoType: 'desktop', ssrcs: [2001, 2002] });
    expect(source?.groups).toHaveLength(1);
  });

  it.each(['', 'null', '[]', '{"sources":7}', '{"sources":{"a":[[{"s":"x"},{"s":0},{"s":4294967296}],[["q",1]]]}}'])(
    'leaves out what cannot be read: %s',
    (json) => {
      expect(parseCompactSources(json)).toEqual([]);
    },
  );
});

describe('offer', () => {
  it('holds codecs, transport, data channel and the bridge session', () => {
    const offer = parseOffer(jingle(BRIDGE_SOURCES));
    expect(offer).toMatchObject({ sid: '7k2q0h1v3m', bridgeSessionId: '0f9c-uuid', region: 'eu-west', data: true });
    expect(offer?.transport).toMatchObject({ ufrag: '9xk2', sctpPort: 5000 });
    expect(offer?.transport.webSockets).toEqual(['wss://jvb.meet.test/colibri-ws/jvb-1/5f2d/a1b2c3d4?pwd=s3']);
    expect(offer?.transport.candidates[0]).toMatchObject({ ip: '203.0.113.7', port: '10000', type: 'host' });
  });

  it('is without data when none was offered', () => {
    expect(parseOffer(jingle(BRIDGE_SOURCES, { data: false }))?.data).toBe(false);
  });

  it('is refused without a transport', () => {
    expect(parseOffer(parseXml('<jingle xmlns="urn:xmpp:jingle:1" sid="a"/>'))).toBeNull();
  });
});

describe('RemoteSdp', () => {
  it('gives own tracks the first sections and each source of others one more', () => {
    const sdp = sdpTransform.parse(remote().write());
    expect(sdp.media.map((m) => [m.type, m.direction])).toEqual([
      ['audio', 'sendrecv'],
      ['video', 'sendrecv'],
      ['application', undefined],
      ['video', 'sendonly'],
      ['audio', 'sendonly'],
    ]);
    expect(sdp.groups).toEqual([{ type: 'BUNDLE', mids: '0 1 2 3 4' }]);
    expect(sdp.media[3]?.ssrcGroups).toEqual([{ semantics: 'FID', ssrcs: '1001 1002' }]);
  });

  it('puts the wanted codec and its retransmission first', () => {
    const sdp = sdpTransform.parse(remote().write());
    expect(sdp.media[1]?.payloads).toBe('100 96 41 107 42');
  });

  it('prints nameless and multiple parameters as one line', () => {
    expect(remote().write()).toContain(
      'a=fmtp:107 profile-level-id=42e01f;level-asymmetry-allowed=1;packetization-mode=1\r\n',
    );
  });

  it('leaves out the mid extension, so that SSRCs decide', () => {
    expect(remote().write()).not.toContain('sdes:mid');
    expect(remote().write()).toContain('a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level');
  });

  it('keeps a section of somebody who left and gives it to the next', () => {
    const model = remote();
    expect(model.removeOwner('a1b2c3d4')).toBe(true);
    expect(sdpTransform.parse(model.write()).media[3]?.direction).toBe('inactive');
    const source = parseCompactSources('{"sources":{"beef0002":[[{"s":77,"n":"beef0002-v0","m":"x y"}]]}}')[0];
    if (!source) throw new Error('source not read');
    expect(model.add(source)?.mid).toBe('3');
    expect(model.lines).toHaveLength(5);
  });

  it('never takes away the section of the own tracks', () => {
    const model = remote();
    expect(model.remove('jvb-v0')).toBe(false);
    expect(model.removeOwner('jvb')).toBe(false);
  });

  it('counts up its version with each text', () => {
    const model = remote();
    const version = () => /o=- \d+ (\d+)/.exec(model.write())?.[1];
    expect([version(), version()]).toEqual(['1', '2']);
  });

  it('orders codecs without losing any', () => {
    const offer = parseOffer(jingle(BRIDGE_SOURCES));
    const names = preferCodec(offer?.video?.payloads ?? [], 'H264').map((p) => p.id);
    expect(names).toEqual([107, 41, 100, 42, 96]);
  });
});

const ANSWER = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1 2',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:Jx1',
  'a=ice-pwd:secretsecretsecretsecret',
  'a=fingerprint:sha-256 AA:BB',
  'a=setup:active',
  'a=mid:0',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=sendrecv',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
  'a=rtcp-fb:111 transport-cc',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=ssrc:501 cname:c',
  'm=video 9 UDP/TLS/RTP/SAVPF 100 96',
  'c=IN IP4 0.0.0.0',
  'a=setup:active',
  'a=mid:1',
  'a=sendrecv',
  'a=rtpmap:100 VP8/90000',
  'a=rtpmap:96 rtx/90000',
  'a=fmtp:96 apt=100',
  'a=ssrc-group:FID 1 2',
  'a=ssrc:1 cname:c',
  'a=ssrc:2 cname:c',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=mid:2',
  'a=sctp-port:5000',
  '',
].join('\r\n');

describe('LocalSdp', () => {
  const ssrcs = {
    primary: [11, 12, 13] as [number, number, number],
    retransmission: [21, 22, 23] as [number, number, number],
  };

  it('asks for three layers in the section of the camera only', () => {
    const sdp = withSimulcast(ANSWER, '1', ssrcs);
    expect(localStreams(sdp, '1')).toEqual({
      ssrcs: [11, 12, 13, 21, 22, 23],
      groups: [
        { semantics: 'SIM', ssrcs: [11, 12, 13] },
        { semantics: 'FID', ssrcs: [11, 21] },
        { semantics: 'FID', ssrcs: [12, 22] },
        { semantics: 'FID', ssrcs: [13, 23] },
      ],
    });
    expect(localStreams(sdp, '0')).toEqual({ ssrcs: [501], groups: [] });
    expect(sdp.endsWith('a=sctp-port:5000\r\n')).toBe(true);
  });

  it('writes a session-accept that names sources, groups and the transport', () => {
    const transport = localTransport(ANSWER);
    if (!transport) throw new Error('no transport');
    expect(transport).toEqual({
      ufrag: 'Jx1',
      pwd: 'secretsecretsecretsecret',
      fingerprint: { hash: 'sha-256', value: 'AA:BB', setup: 'active' },
    });
    const sdp = withSimulcast(ANSWER, '1', ssrcs);
    const sources = [
      {
        name: 'me-a0',
        kind: 'audio' as const,
        videoType: 'camera' as const,
        streams: localStreams(sdp, '0'),
        msid: 'm a',
      },
      {
        name: 'me-v0',
        kind: 'video' as const,
        videoType: 'camera' as const,
        streams: localStreams(sdp, '1'),
        msid: 'm v',
      },
    ];
    const element = build(
      x(
        'jingle',
        { xmlns: 'urn:xmpp:jingle:1' },
        acceptContents(sdp, { audio: '0', video: '1', data: '2' }, sources, transport, -1),
      ),
    );
    const contents = children(element, 'content');
    expect(contents.map((c) => c.getAttribute('name'))).toEqual(['audio', 'video', 'data']);
    const video = child(contents[1], 'description');
    expect(children(video, 'source').map((s) => s.getAttribute('ssrc'))).toEqual(['11', '12', '13', '21', '22', '23']);
    expect(children(video, 'source').every((s) => s.getAttribute('name') === 'me-v0')).toBe(true);
    expect(children(video, 'ssrc-group').map((g) => g.getAttribute('semantics'))).toEqual(['SIM', 'FID', 'FID', 'FID']);
    expect(child(child(contents[2], 'transport'), 'sctpmap')?.getAttribute('number')).toBe('5000');
    const opus = child(child(contents[0], 'description'), 'payload-type');
    expect(opus?.getAttribute('channels')).toBe('2');
    expect(children(opus, 'parameter').map((p) => p.getAttribute('name'))).toEqual(['minptime', 'useinbandfec']);
  });

  it('keeps kinds apart in source-add', () => {
    const contents = sourceContents([
      { name: 'me-v1', kind: 'video', videoType: 'desktop', streams: { ssrcs: [9], groups: [] }, msid: 'm d' },
    ]);
    const element = build(x('jingle', { xmlns: 'urn:xmpp:jingle:1' }, contents));
    expect(children(element, 'content').map((c) => c.getAttribute('name'))).toEqual(['video']);
    expect(element.querySelector('source')?.getAttribute('videoType')).toBe('desktop');
  });
});

describe('layers', () => {
  const active = (wanted: number, height = 720) => cameraLayers(height, wanted, 3).map((l) => l.active);
  it.each([
    [-1, [true, true, true]],
    [0, [false, false, false]],
    [180, [true, false, false]],
    [360, [true, true, false]],
    [720, [true, true, true]],
    [90, [true, false, false]],
  ])('for receivers that want %i', (wanted, expected) => {
    expect(active(wanted)).toEqual(expected);
  });

  it('scales a single layer down instead', () => {
    expect(cameraLayers(720, 180, 1)).toEqual([{ active: true, scaleResolutionDownBy: 4, maxBitrate: 1_500_000 }]);
  });

  it('never scales a screen', () => {
    expect(desktopLayer(180)[0]).toMatchObject({ active: true, scaleResolutionDownBy: 1 });
    expect(desktopLayer(0)[0]?.active).toBe(false);
  });
});
