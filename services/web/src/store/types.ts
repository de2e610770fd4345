import type { ConferenceProblem, MediaState, SignallingState } from '../conference/conferenceEvents';
import type { DeviceList, DeviceProblem } from '../conference/LocalMedia';
import type { ChatMessage } from '../conference/Room';
import type { ConnectionStats } from '../conference/Statistics';
import type { RemoteTrack } from '../conference/tracks';

export type Phase = 'home' | 'prejoin' | 'joining' | 'waiting' | 'call' | 'left' | 'problem';
export type Panel = 'chat' | 'people';
export type Dialog = 'settings' | 'statistics' | 'shortcuts';
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
  problem: Problem | null;
  passwordWrong: boolean;
  /** Where people sign in to get a token; null when they type a password here. */
  signInUrl: string | null;
  /** Under which name the server knows this browser's login; null for a guest. */
  identity: string | null;
  preferences: Preferences;

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

  signalling: SignallingState;
  media: MediaState;
  stats: ConnectionStats | null;
  startedAt: number | null;
  joinedAt: number | null;
  canEndForAll: boolean;
  audioBlocked: boolean;

  chat: ChatMessage[];
  unread: number;
  chatTo: string | null;
  panel: Panel | null;
  dialog: Dialog | null;
  /** Source name or endpoint id that was pinned. */
  pinned: string | null;
  toasts: Toast[];
  /** Last sentence for the live region. */
  announcement: string;
}
