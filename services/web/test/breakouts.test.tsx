import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Tooltip } from 'radix-ui';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type BreakoutRoom, breakoutCommand, divide, readBreakoutNews } from '../src/conference/breakouts';
import { Conference } from '../src/conference/Conference';
import { readConfig } from '../src/conference/config';
import { LocalMedia } from '../src/conference/LocalMedia';
import { build, parseXml } from '../src/conference/xml';
import * as breakouts from '../src/store/breakouts';
import { callDefaults, get, set } from '../src/store/store';
import { BreakoutRooms } from '../src/views/Call/BreakoutRooms';
import { completeDom } from './dom';
import { lastServer, useFakeXmpp } from './fakeXmpp';

const COMPONENT = 'breakout.meet.test';
const MAIN = 'standup@muc.meet.test';
const ONE = `11111111-0000-4000-8000-000000000001@${COMPONENT}`;

const says = (json: object, from = COMPONENT) =>
  `<message xmlns="jabber:client" from="${from}"><json-message xmlns="http://jitsi.org/jitmeet">${JSON.stringify({ type: 'breakout_rooms', ...json })}</json-message></message>`;
const person = (name: string, role = 'participant', domain = 'meet.test') => ({
  jid: `${name}-session@${domain}/r`,
  role,
  displayName: name,
});
const UPDATE = {
  event: 'features/breakout-rooms/update',
  roomCounter: 3,
  rooms: {
    standup: {
      id: 'standup',
      jid: MAIN,
      name: '',
      isMainRoom: true,
      participants: {
        [`${MAIN}/aaaa`]: person('Ann', 'moderator'),
        [`${MAIN}/rrrr`]: person('Rec', 'participant', 'hidden.meet.test'),
      },
    },
    one: { id: 'one', jid: ONE, name: 'One', participants: { [`${ONE}/bbbb`]: person('Bob') } },
  },
};

describe('what the server says of breakout rooms', () => {
  const read = (xml: string, component: string | null = COMPONENT) =>
    readBreakoutNews(parseXml(xml), component, 'hidden.meet.test');

  it('is a list of rooms and people, without recorders', () => {
    expect(read(says(UPDATE))).toEqual({
      kind: 'rooms',
      counter: 3,
      rooms: [
        {
          jid: MAIN,
          name: '',
          isMain: true,
          people: [{ id: 'aaaa', jid: 'Ann-session@meet.test/r', name: 'Ann', moderator: true }],
        },
        {
          jid: ONE,
          name: 'One',
          isMain: false,
          people: [{ id: 'bbbb', jid: 'Bob-session@meet.test/r', name: 'Bob', moderator: false }],
        },
      ],
    });
  });

  it('counts from the component alone', () => {
    expect(read(says(UPDATE, `${MAIN}/eve`))).toBeNull();
    expect(read(says(UPDATE), null)).toBeNull();
  });

  it.each([{ rooms: 'x' }, { rooms: { a: null, b: { jid: 7 }, c: { jid: 'no address' } } }, {}])(
    'may be nonsense: %j',
    (rest) =>
      expect(read(says({ event: 'features/breakout-rooms/update', ...rest }))).toMatchObject({
        kind: 'rooms',
        rooms: [],
      }),
  );

  it('may be that this session is to go somewhere', () =>
    expect(read(says({ event: 'features/breakout-rooms/move-to-room', roomJid: ONE }))).toEqual({
      kind: 'move',
      room: ONE,
    }));

  it('is asked for by an element without a namespace of its own', () => {
    const element = build(breakoutCommand(COMPONENT, { type: 'rename', breakoutRoomJid: ONE, subject: 'Uno' }));
    expect(element.getAttribute('to')).toBe(COMPONENT);
    expect(element.firstElementChild?.getAttribute('type')).toBe('features/breakout-rooms/rename');
    expect(element.firstElementChild?.getAttribute('subject')).toBe('Uno');
  });
});

it('divides people evenly', () => {
  let last = 0;
  const pairs = divide(['a', 'b', 'c', 'd', 'e'], ['1', '2'], () => {
    last += 0.1;
    return last;
  });
  expect(pairs.map(([, room]) => room).sort()).toEqual(['1', '1', '1', '2', '2']);
  expect(divide(['a'], [])).toEqual([]);
});

describe('a call that changes rooms', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    useFakeXmpp();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  async function inCall() {
    const place = { protocol: 'https:', host: 'meet.test', href: 'https://meet.test/Standup' };
    const config = readConfig({ hosts: { domain: 'meet.test', muc: 'muc.meet.test' }, websocket: '/ws' }, place);
    const conference = new Conference(
      config,
      { room: 'Standup', name: 'Sam', machineUid: 'm1' },
      new LocalMedia({ height: 360, audioProcessing: true }),
    );
    const changed: string[] = [];
    conference.on('roomChanged', (jid) => changed.push(jid));
    const refused = new Set<string>();
    void conference.join();
    const run = async () => {
      for (let i = 0; i < 20; i++) {
        lastServer().onStanza = answer;
        await vi.advanceTimersByTimeAsync(50);
      }
    };
    const answer = (xml: string) => {
      const id = /\bid="([^"]+)"/.exec(xml)?.[1] ?? '';
      const to = /\bto="([^"]+)"/.exec(xml)?.[1] ?? '';
      if (xml.includes('<conference')) {
        const room = /\broom="([^"]+)"/.exec(xml)?.[1];
        lastServer().say(
          `<iq xmlns="jabber:client" type="result" id="${id}" from="focus.meet.test"><conference xmlns="http://jitsi.org/protocol/focus" room="${room}" ready="true" focusjid="focus@auth.meet.test/focus"/></iq>`,
        );
      } else if (xml.startsWith('<presence') && refused.has(to.split('/')[0] as string)) {
        lastServer().say(
          `<presence xmlns="jabber:client" type="error" from="${to}"><error type="cancel"><not-allowed xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></presence>`,
        );
      } else if (xml.includes('disco#info') && to === 'meet.test') {
        lastServer().say(
          `<iq xmlns="jabber:client" type="result" id="${id}" from="meet.test"><query xmlns="http://jabber.org/protocol/disco#info"><identity category="component" type="breakout_rooms" name="${COMPONENT}"/></query></iq>`,
        );
      }
    };
    await run();
    const joins = () => lastServer().sent.filter((xml) => xml.startsWith('<presence') && xml.includes('protocol/muc"'));
    return { conference, changed, refused, run, joins };
  }

  it('leaves with the mark of a switch, asks for the other conference and joins under the same nick', async () => {
    const { conference, changed, run, joins } = await inCall();
    lastServer().say(says({ event: 'features/breakout-rooms/move-to-room', roomJid: ONE }));
    await run();
    const sent = lastServer().sent.join('\n');
    expect(sent).toContain('<status>switch_room</status>');
    expect(sent).toContain(`room="${ONE}"`);
    expect(joins().at(-1)).toContain(`to="${ONE}/0123abcd"`);
    expect([changed, conference.roomJid]).toEqual([[ONE], ONE]);
    void conference.switchRoom(MAIN);
    await run();
    expect(joins().at(-1)).toContain(`to="${MAIN}/0123abcd"`);
  });

  it('goes to no room of another domain', async () => {
    const { changed, run } = await inCall();
    lastServer().say(says({ event: 'features/breakout-rooms/move-to-room', roomJid: 'other@muc.meet.test' }));
    await run();
    expect(changed).toEqual([]);
  });

  it('comes back when the breakout room does not let it in, or is removed', async () => {
    const { conference, refused, changed, run } = await inCall();
    refused.add(ONE);
    void conference.switchRoom(ONE);
    await run();
    await vi.advanceTimersByTimeAsync(30_000);
    await run();
    expect(changed.at(-1)).toBe(MAIN);
    refused.clear();
    void conference.switchRoom(ONE);
    await run();
    lastServer().say(
      `<presence xmlns="jabber:client" type="unavailable" from="${ONE}/0123abcd"><x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="none" role="none"/><destroy jid="${MAIN}"><reason>Breakout room removed.</reason></destroy></x></presence>`,
    );
    await run();
    expect(conference.roomJid).toBe(MAIN);
  });
});

describe('the list of breakout rooms', () => {
  const rooms: BreakoutRoom[] = [
    {
      jid: MAIN,
      name: '',
      isMain: true,
      people: [{ id: 'self0000', jid: 'self@meet.test/r', name: 'Ann', moderator: true }],
    },
    {
      jid: ONE,
      name: 'One',
      isMain: false,
      people: [{ id: 'bbbb', jid: 'bob@meet.test/r', name: 'Bob', moderator: false }],
    },
  ];

  beforeEach(() => {
    completeDom();
    set({ ...callDefaults(), phase: 'call', selfId: 'self0000', hasBreakoutRooms: true, roomJid: MAIN });
  });
  afterEach(() => {
    cleanup();
    vi.restoreAllMocks();
  });

  const show = () =>
    render(
      <Tooltip.Provider>
        <BreakoutRooms />
      </Tooltip.Provider>,
    );

  it('is not there for a participant while there are no rooms, nor without the component', () => {
    show();
    expect(screen.queryByTestId('breakout-rooms')).toBeNull();
    cleanup();
    set({ hasBreakoutRooms: false, selfModerator: true, breakoutRooms: rooms });
    show();
    expect(screen.queryByTestId('breakout-rooms')).toBeNull();
  });

  it('lets a participant go to a room and back, and no more', () => {
    set({ breakoutRooms: rooms });
    show();
    expect(screen.getByRole('button', { name: 'Go to One' })).toBeTruthy();
    for (const name of ['Add breakout room', 'Rename One', 'Remove One', 'Call everyone back'])
      expect(screen.queryByRole('button', { name })).toBeNull();
    cleanup();
    set({ roomJid: ONE });
    show();
    expect(screen.getByTestId('breakout-back')).toBeTruthy();
    expect(within(screen.getAllByTestId('breakout-room')[1] as HTMLElement).getByText('You are here')).toBeTruthy();
  });

  it('offers a moderator to make, rename and remove rooms, and to send people', async () => {
    set({ selfModerator: true, breakoutRooms: rooms, breakoutCounter: 1 });
    show();
    await userEvent.click(screen.getByRole('button', { name: 'Rename One' }));
    const input = screen.getByLabelText('New name of One');
    await userEvent.clear(input);
    await userEvent.type(input, 'Uno{Enter}');
    expect(screen.queryByLabelText('New name of One')).toBeNull();
    expect(screen.getByLabelText('Send Bob to a room')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Call everyone back' })).toBeTruthy();
  });

  it('empties what belongs to a room when the call goes to another', () => {
    set({ order: ['bbbb'], subject: 'Plan', unread: 2, panel: 'people' });
    breakouts.enterOtherRoom(ONE);
    expect(get()).toMatchObject({ order: [], participants: {}, subject: '', unread: 0, roomJid: ONE, panel: 'people' });
  });
});
