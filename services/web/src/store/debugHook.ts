import type { Conference } from '../conference/Conference';
import { logLines } from '../conference/log';
import { problemCode } from '../errors/problems';
import { levelOf } from './levels';
import { get } from './store';
import { currentWish } from './visibleTiles';

/** What tests and people who look for a fault may read; nothing here changes the call. */
export interface MeshHook {
  readonly peerConnection: RTCPeerConnection | null;
  readonly state: Record<string, unknown>;
  readonly log: readonly string[];
  level(id: string): number;
}

export function exposeHook(conference: Conference | null): void {
  const hook: MeshHook = {
    get peerConnection() {
      return conference?.link.session?.peer ?? null;
    },
    get state() {
      const { phase, participants, selfId, selfModerator, tracks, dominant, audioMuted, videoMuted, media, problem } =
        get();
      return {
        phase,
        problem: problem ? problemCode(problem) : null,
        endpointId: selfId,
        moderator: selfModerator,
        participants: structuredClone(participants),
        tracks: Object.values(tracks).map(({ sourceName, owner, kind, videoType, track }) => ({
          sourceName,
          owner,
          kind,
          videoType,
          trackId: track.id,
        })),
        dominant,
        audioMuted,
        videoMuted,
        media,
        signalling: conference?.signalling ?? null,
        connectionStatus: conference?.connection?.status ?? null,
        jid: conference?.connection?.jid ?? null,
        sid: conference?.link.session?.sid ?? null,
        bridgeChannel: conference?.link.channel
          ? { mode: conference.link.channel.mode, open: conference.link.channel.isOpen }
          : null,
        wish: currentWish(),
        stats: conference?.link.lastStats ?? null,
      };
    },
    get log() {
      return logLines();
    },
    level: (id) => levelOf(id),
  };
  Object.defineProperty(window, 'jitsiMesh', { value: Object.freeze(hook), configurable: true });
}
