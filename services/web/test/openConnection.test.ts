import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type MeshConfig, readConfig } from '../src/conference/config';
import { openConnection } from '../src/conference/openConnection';
import type { XmppConnection } from '../src/conference/XmppConnection';
import { x } from '../src/conference/xml';
import { FakeBoshServer } from './fakeBosh';
import { FakeSocket, FakeXmppServer, useFakeXmpp } from './fakeXmpp';

const place = { protocol: 'https:', host: 'meet.test', href: 'https://meet.test/Standup' };
const config = (more: object): MeshConfig =>
  readConfig({ hosts: { domain: 'meet.test', muc: 'muc.meet.test' }, ...more }, place);
const both = { websocket: '/xmpp-websocket', bosh: '/http-bind' };
const options = { domain: 'meet.test', room: 'standup', resume: true };

async function settled(opening: Promise<XmppConnection>): Promise<XmppConnection | Error> {
  const outcome = opening.catch((error: Error) => error);
  await vi.advanceTimersByTimeAsync(30_000);
  return outcome;
}

const opened = async (opening: Promise<XmppConnection>) => {
  const connection = await settled(opening);
  if (connection instanceof Error) throw connection;
  return connection;
};

describe('openConnection', () => {
  let bosh: FakeBoshServer;

  beforeEach(() => {
    vi.useFakeTimers();
    useFakeXmpp();
    bosh = new FakeBoshServer();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('takes the WebSocket while it opens, and asks nothing over BOSH', async () => {
    const connection = await opened(openConnection(config(both), options));
    expect(FakeXmppServer.servers).toHaveLength(1);
    expect(bosh.bodies).toHaveLength(0);
    connection.disconnect();
  });

  it('goes over to BOSH where the WebSocket is refused, with the same room and token', async () => {
    FakeSocket.refusing = true;
    const connection = await opened(openConnection(config(both), { ...options, token: 'a.b.c' }));
    expect(connection.status).toBe('online');
    expect(connection.nick).toBe('0123abcd');
    expect(new Set(bosh.addresses)).toEqual(new Set(['https://meet.test/http-bind?room=standup&token=a.b.c']));
    connection.disconnect();
  });

  it('goes over to BOSH where the WebSocket hangs', async () => {
    const receive = vi.spyOn(FakeXmppServer.prototype, 'receive').mockImplementation(() => {});
    const connection = await opened(openConnection(config(both), options));
    expect(receive).toHaveBeenCalled();
    expect(bosh.bodies.length).toBeGreaterThan(3);
    connection.disconnect();
  });

  it('uses BOSH alone where config.js names no WebSocket, and turns no stream management on', async () => {
    const connection = await opened(openConnection(config({ bosh: '/http-bind' }), options));
    connection.send(x('message', { to: 'a@b', id: 'm1' }));
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeXmppServer.servers).toHaveLength(0);
    expect(bosh.bodies.some((body) => body.includes('id="m1"'))).toBe(true);
    expect(bosh.bodies.some((body) => body.includes('<enable'))).toBe(false);
    // Each number once, in order.
    expect(bosh.rids).toEqual(bosh.rids.map((_, index) => (bosh.rids[0] ?? 0) + index));
    connection.disconnect();
  });

  it('ends a session over BOSH by a beacon, which a page that is left still sends', async () => {
    const connection = await opened(openConnection(config({ bosh: '/http-bind' }), options));
    const next = (bosh.rids.at(-1) ?? 0) + 1;
    connection.disconnect();
    expect(bosh.beacons).toHaveLength(1);
    expect(bosh.beacons[0]).toContain('type="terminate"');
    expect(bosh.beacons[0]).toContain('sid="s1"');
    expect(bosh.beacons[0]).toContain(`rid="${next}"`);
    expect(connection.status).toBe('closed');
  });

  it('does not go over for a login that was refused', async () => {
    useFakeXmpp({ account: 'secret' });
    const outcome = await settled(
      openConnection(config(both), { ...options, account: { username: 'ann', password: 'wrong' } }),
    );
    expect(outcome).toMatchObject({ reason: 'not-authorized' });
    expect(bosh.bodies).toHaveLength(0);
  });

  it('says that the server is unreachable where neither way is there', async () => {
    FakeSocket.refusing = true;
    bosh.refusing = 404;
    expect(await settled(openConnection(config(both), options))).toMatchObject({ reason: 'unreachable' });
  });
});
