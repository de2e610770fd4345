import { readPeople } from '../conference/directory';
import type { RemoteTrack } from '../conference/tracks';
import { t } from '../i18n';
import { callDefaults, inviteDefaults, set, setPreferences } from '../store/store';
import type { Participant, Phase, Problem, ViewState } from '../store/types';

/** Pages with made-up state, for looking at the screens and for their screenshots; never part of a build. */
const NAMES = [
  'Ada Lovelace',
  'Grace Hopper',
  'Alan Turing',
  'Katherine Johnson',
  'Edsger Dijkstra',
  'Barbara Liskov',
  'Donald Knuth',
  'Radia Perlman',
  'Leslie Lamport',
  'Margaret Hamilton',
  'Tony Hoare',
  'Frances Allen',
  'Niklaus Wirth',
  'Hedy Lamarr',
  'Ken Thompson',
  'Adele Goldberg',
  'Vint Cerf',
  'Sophie Wilson',
  'John Backus',
  'Jean Bartik',
  'Dennis Ritchie',
  'Mary Keller',
  'Robin Milner',
  'Karen Jones',
  'Peter Naur',
  'Lynn Conway',
  'Guido Rossum',
  'Joan Clarke',
  'Bjarne Stroustrup',
  'Shafi Goldwasser',
];

/** As the directory answers. */
const FOUND = [
  {
    id: 'ann.green@example.org',
    type: 'user',
    name: 'Ann Green',
    email: 'ann.green@example.org',
    organization: 'Example Ltd',
    department: 'Design',
    numbers: [
      { number: '+493012345', kind: 'work' },
      { number: '+4917012345', kind: 'mobile' },
    ],
  },
  { id: 'jan@example.org', type: 'user', name: 'Jan Novak', email: 'jan@example.org', organization: 'Example Ltd' },
  {
    id: 'Hannah Lindqvist-Montgomery',
    type: 'user',
    name: 'Hannah Lindqvist-Montgomery',
    organization: 'Institute for Applied Long Names and Lines That Do Not End',
    numbers: [{ number: '+46850123456', kind: 'work' }],
  },
  { id: 'dan@example.org', type: 'user', name: 'Dan Wu', email: 'dan@example.org' },
  {
    id: 'diana@example.org',
    type: 'user',
    name: 'Diana Prinz',
    email: 'diana@example.org',
    organization: 'Example Ltd',
    department: 'Sales',
  },
];

/** Problems that look alike but for their words. */
const PROBLEMS: Record<string, Problem> = {
  unreachable: { kind: 'unreachable', reason: 'unreachable', status: 0, detail: '' },
  gateway: { kind: 'unreachable', reason: 'answers', status: 503, detail: '' },
  untrusted: { kind: 'unreachable', reason: 'untrusted', status: 0, detail: '' },
  restart: { kind: 'server-down', detail: '' },
  refused: { kind: 'refused', reason: 'refused', detail: 'internal-server-error' },
  full: { kind: 'join', reason: 'full', detail: 'service-unavailable', code: 'MESH-ROOM-3' },
  bridge: { kind: 'no-bridge', detail: '' },
  config: { kind: 'config', detail: 'config.js: hosts.domain is missing' },
};

function picture(hue: number, label: string, desktop = false): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = desktop ? 1280 : 640;
  canvas.height = desktop ? 720 : 360;
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const draw = () => {
    const { width: w, height: h } = canvas;
    if (desktop) {
      context.fillStyle = '#f7f9fc';
      context.fillRect(0, 0, w, h);
      context.fillStyle = '#1d2c44';
      context.font = '600 54px Inter Variable, sans-serif';
      context.fillText('Quarterly review', 90, 150);
      [0.8, 0.55, 0.92, 0.4, 0.7].forEach((v, i) => {
        context.fillStyle = `hsl(${210 + i * 12} 60% ${45 + i * 5}%)`;
        context.fillRect(110 + i * 200, 620 - v * 380, 120, v * 380);
      });
      return;
    }
    const gradient = context.createLinearGradient(0, 0, w, h);
    gradient.addColorStop(0, `hsl(${hue} 28% 46%)`);
    gradient.addColorStop(1, `hsl(${hue + 40} 32% 24%)`);
    context.fillStyle = gradient;
    context.fillRect(0, 0, w, h);
    context.fillStyle = `hsl(${hue + 20} 30% 70%)`;
    context.beginPath();
    context.arc(w / 2, h * 0.42, h * 0.18, 0, Math.PI * 2);
    context.fill();
    context.beginPath();
    context.ellipse(w / 2, h * 1.02, h * 0.36, h * 0.38, 0, 0, Math.PI * 2);
    context.fill();
    void label;
  };
  draw();
  setInterval(draw, 500);
  return canvas.captureStream(2).getVideoTracks()[0] as MediaStreamTrack;
}

function people(count: number): Pick<ViewState, 'participants' | 'order' | 'tracks'> {
  const participants: Record<string, Participant> = {};
  const tracks: Record<string, RemoteTrack> = {};
  const order: string[] = [];
  for (let i = 0; i < count; i++) {
    const id = `demo00${String(i).padStart(2, '0')}`;
    const videoMuted = i % 4 === 2;
    participants[id] = {
      id,
      name: NAMES[i % NAMES.length] ?? '',
      moderator: i === 0,
      raisedHand: i === 3 ? 1 : null,
      audioMuted: i % 3 === 1,
      videoMuted,
      sharing: false,
      quality: i === 4 ? 50 : i === 5 ? 20 : 100,
      active: true,
    };
    order.push(id);
    if (!videoMuted) tracks[`${id}-v0`] = remote(id, `${id}-v0`, picture(i * 47 + 200, id));
  }
  return { participants, order, tracks };
}

function remote(owner: string, sourceName: string, track: MediaStreamTrack, desktop = false): RemoteTrack {
  return {
    owner,
    sourceName,
    kind: 'video',
    videoType: desktop ? 'desktop' : 'camera',
    track,
    stream: new MediaStream([track]),
    receiver: {} as RTCRtpReceiver,
  };
}

export function showDemo(name: string): void {
  document.documentElement.dataset.demo = name;
  const theme = new URLSearchParams(location.search).get('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  const now = Date.now();
  setPreferences({ name: 'Sam Rivera', layout: 'auto' });
  const call = (count: number, more: Partial<ViewState> = {}) =>
    set({
      ...callDefaults(),
      phase: 'call' as Phase,
      room: 'WeeklySync',
      selfId: 'self0000',
      selfModerator: true,
      joinedAt: now - 754_000,
      signalling: 'online',
      media: 'connected',
      localVideo: picture(30, 'self'),
      ...people(count),
      ...more,
    });
  const grid = /^grid(\d+)$/.exec(name);
  if (grid) return call(Number(grid[1]) - 1);
  switch (name) {
    case 'home':
      setPreferences({
        recent: [
          { name: 'WeeklySync', at: now - 3_600_000 },
          { name: 'DesignReview', at: now - 86_400_000 },
        ],
      });
      return set({ phase: 'home' });
    case 'prejoin':
      return set({
        phase: 'prejoin',
        room: 'WeeklySync',
        localVideo: picture(30, 'self'),
        audioMuted: false,
        videoMuted: false,
      });
    case 'denied':
      return set({
        phase: 'prejoin',
        room: 'WeeklySync',
        audioMuted: true,
        videoMuted: true,
        deviceProblems: { audio: 'denied', video: 'denied' },
      });
    case 'alone':
      return call(0);
    case 'stage': {
      call(5);
      const state = people(5);
      const presenter = state.order[0] as string;
      const first = state.participants[presenter] as Participant;
      return set({
        ...state,
        participants: { ...state.participants, [presenter]: { ...first, sharing: true } },
        tracks: {
          ...state.tracks,
          [`${presenter}-v1`]: remote(presenter, `${presenter}-v1`, picture(0, 'screen', true), true),
        },
      });
    }
    case 'chat':
      call(3, { panel: 'chat' });
      return set({
        chat: [
          message(
            '1',
            'demo0000',
            'Ada Lovelace',
            'Good morning! The agenda is at https://example.org/agenda',
            now - 300_000,
          ),
          message('2', 'demo0000', 'Ada Lovelace', 'Shall we start with the numbers?', now - 299_000),
          message('3', 'self0000', 'Sam Rivera', 'Yes, give me a minute to share my screen.', now - 200_000, true),
          message(
            '4',
            'demo0001',
            'Grace Hopper',
            'I have to leave ten minutes early today.',
            now - 100_000,
            false,
            'demo0001',
          ),
        ],
      });
    case 'people':
      return call(6, { panel: 'people' });
    case 'reconnecting':
      return call(3, { signalling: 'resuming' });
    case 'blocked':
      return call(3, { audioBlocked: true });
    case 'settings':
      return call(3, { dialog: 'settings' });
    case 'invite':
      return call(3, { dialog: 'invite' });
    case 'invite-found':
      call(3, { dialog: 'invite' });
      return set({
        hasDirectory: true,
        invite: {
          ...inviteDefaults(),
          query: 'an',
          search: 'found',
          incomplete: true,
          people: readPeople(FOUND),
          chosen: readPeople(FOUND).slice(0, 2),
        },
      });
    case 'invite-signed-out':
      call(3, { dialog: 'invite' });
      return set({ hasDirectory: true, invite: { ...inviteDefaults(), query: 'an', search: 'signed-out' } });
    case 'invite-none':
      call(3, { dialog: 'invite' });
      return set({ hasDirectory: true, invite: { ...inviteDefaults(), query: 'Zacharias', search: 'found' } });
    case 'invite-failed':
      call(3, { dialog: 'invite' });
      return set({
        hasDirectory: true,
        sendsInvitations: true,
        invite: {
          ...inviteDefaults(),
          query: 'an',
          search: 'slow',
          chosen: readPeople(FOUND).slice(0, 1),
          failure: t('invite.notSent'),
        },
      });
    case 'left':
      return set({ phase: 'left', room: 'WeeklySync', joinedAt: now - 754_000 });
    case 'kicked':
      return set({ phase: 'problem', room: 'WeeklySync', problem: { kind: 'kicked', by: null, reason: '' } });
    case 'password':
      return set({ phase: 'problem', room: 'WeeklySync', problem: { kind: 'join', reason: 'password', detail: '' } });
    case 'waiting':
      return set({ phase: 'waiting', room: 'WeeklySync' });
    case 'login':
      return set({
        phase: 'problem',
        room: 'WeeklySync',
        problem: { kind: 'login-required', wrong: true, detail: '' },
      });
    case 'expired':
      return set({
        phase: 'problem',
        room: 'WeeklySync',
        signInUrl: 'https://login.example.org/',
        problem: { kind: 'token', detail: 'Not acceptable by exp (10 sec since expired)' },
      });
    case 'media':
      return set({
        phase: 'problem',
        room: 'WeeklySync',
        problem: { kind: 'media', reason: 'ice', detail: 'ICE FAILED' },
      });
    case 'channel-lost':
      return call(3, { channelLost: true });
    case 'focus-silent':
      return set({ phase: 'joining', room: 'WeeklySync', audioMuted: true, videoMuted: true, focusSilent: true });
    default: {
      // `problem-<kind>`: what has no screen of its own here.
      const problem = PROBLEMS[name.replace(/^problem-/, '')];
      return set({ phase: 'problem', room: 'WeeklySync', problem: problem ?? PROBLEMS.unreachable ?? null });
    }
  }
}

function message(
  id: string,
  from: string,
  fromName: string,
  text: string,
  at: number,
  own = false,
  privateWith: string | null = null,
) {
  return { id, from, fromName, own, privateWith, text, at };
}
