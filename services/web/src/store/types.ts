import type { BreakoutRoom } from '../conference/breakouts';
import type { ConferenceProblem, MediaState, SignallingState } from '../conference/conferenceEvents';
import type { FoundPerson, SearchFailure } from '../conference/directory';
import type { DeviceList, DeviceProblem } from '../conference/LocalMedia';
import type { ChatMessage } from '../conference/Room';
import type { ConnectionStats } from '../conference/Statistics';
import type { RemoteTrack } from '../conference/tracks';

export type Phase = 'home' | 'prejoin' | 'joining' | 'waiting' | 'call' | 'left' | 'problem';
export type Panel = 'chat' | 'people' | 'document';
export type Dialog = 'invite' | 'settings' | 'statistics' | 'shortcuts';
/** `auto` follows screen shares; the others are what somebody chose. */
export type LayoutChoice = 'auto' | 'grid' | 'stage';
export type Theme = 'system' | 'light' | 'dark';

export interface Participant {
  id: string;
  name: string;
  moderator: boolean;
  raisedHand: number | null;
  audioMuted: boolean;
  videoMuted: boolean;
  sharing: boolean;
  /** 0 to 100; null before the first report. */
  quality: number | null;
  /** False while the bridge hears nothing from that endpoint. */
  active: boolean;
}

export interface Toast {
  id: number;
  text: string;
  tone: 'info' | 'problem';
}

export type Problem = ConferenceProblem | { kind: 'config'; detail: string } | { kind: 'unsupported'; detail: string };

/** Who is looked for in the directory, who was found, and who is to be invited. */
export interface Invite {
  query: string;
  search: 'idle' | 'searching' | 'found' | SearchFailure;
  /** Somebody may be missing among those who were found. */
  incomplete: boolean;
  people: FoundPerson[];
  chosen: FoundPerson[];
  sending: boolean;
  /** What went wrong with the invitations; empty when nothing did. */
  failure: string;
}

export interface RecentRoom {
  name: string;
  at: number;
}

export interface Preferences {
  name: string;
  microphone: string | null;
  camera: string | null;
  speaker: string | null;
  microphoneOn: boolean;
  cameraOn: boolean;
  layout: LayoutChoice;
  mirror: boolean;
  theme: Theme;
  recent: RecentRoom[];
  machineUid: string;
}

export interface ViewState {
  phase: Phase;
  room: string;
  /** What the meeting is about; empty when nobody has said. */
  subject: string;
  problem: Problem | null;
  /** When it came, in ISO 8601. */
  problemAt: string | null;
  passwordWrong: boolean;
  /** Where people sign in to get a token; null when they type a password here. */
  signInUrl: string | null;
  /** Under which name the server knows this browser's login; null for a guest. */
  identity: string | null;
  preferences: Preferences;
  /** Whether the server has a directory to find people in. */
  hasDirectory: boolean;
  /** Whether the server sends invitations to people of the directory. */
  sendsInvitations: boolean;

  selfId: string;
  selfModerator: boolean;
  audioMuted: boolean;
  videoMuted: boolean;
  localVideo: MediaStreamTrack | null;
  localDesktop: MediaStreamTrack | null;
  handRaised: boolean;
  devices: DeviceList;
  deviceProblems: Partial<Record<'audio' | 'video', DeviceProblem>>;
  devicesBusy: boolean;

  participants: Record<string, Participant>;
  /** Order of joining. */
  order: string[];
  /** By source name. */
  tracks: Record<string, RemoteTrack>;
  dominant: string | null;
  forwarded: string[] | null;
  volumes: Record<string, number>;

  /** Under which id the server's logs know the meeting; empty before it is known. */
  meetingId: string;
  /** The focus has not been ready for a while; the page goes on asking. */
  focusSilent: boolean;
  signalling: SignallingState;
  media: MediaState;
  /** The channel to the bridge has been away for longer than a moment. */
  channelLost: boolean;
  stats: ConnectionStats | null;
  startedAt: number | null;
  joinedAt: number | null;
  canEndForAll: boolean;
  audioBlocked: boolean;

  /** The server has breakout rooms. */
  hasBreakoutRooms: boolean;
  /** The main room and its breakout rooms, with their people; empty before the first breakout room was made. */
  breakoutRooms: BreakoutRoom[];
  /** How many breakout rooms the meeting ever had. */
  breakoutCounter: number;
  /** Address of the room that the call is in. */
  roomJid: string;

  chat: ChatMessage[];
  unread: number;
  chatTo: string | null;
  /** Where the shared document is; null while the server has none for this room. */
  documentUrl: string | null;
  panel: Panel | null;
  dialog: Dialog | null;
  invite: Invite;
  /** Source name or endpoint id that was pinned. */
  pinned: string | null;
  toasts: Toast[];
  /** Last sentence for the live region. */
  announcement: string;
}
