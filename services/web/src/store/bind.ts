import type { Conference } from '../conference/Conference';
import { withCode } from '../errors/codes';
import { t } from '../i18n';
import { receiveChat, syncLocal } from './actions';
import { enterOtherRoom } from './breakouts';
import { setOwnLevel, setReceiver } from './levels';
import { announce, toast } from './notices';
import { play, stop } from './playback';
import { get, patchParticipant, set, toParticipant } from './store';
import type { Problem } from './types';

/** Above this many people joins and leaves are spoken and shown no more. */
const QUIET_FROM = 10;
const RIBBON_AFTER_MS = 1500;

/** Events of the conference become state of the store. */
export function bindConference(conference: Conference, onProblem: (problem: Problem) => void): void {
  const nameOf = (id: string | null) =>
    (id && Object.hasOwn(get().participants, id) && get().participants[id]?.name) || t('common.guest');
  const quiet = () => get().order.length > QUIET_FROM || Date.now() - (get().joinedAt ?? 0) < 2000;

  conference.on('joined', (self) => {
    setOwnLevel(self.id);
    set({
      phase: 'call',
      selfId: self.id,
      roomJid: conference.roomJid,
      selfModerator: self.moderator,
      joinedAt: Date.now(),
      passwordWrong: false,
      focusSilent: false,
      signalling: 'online',
    });
    syncLocal();
  });
  conference.on('waitingForHost', () => {
    if (get().phase === 'joining') set({ phase: 'waiting' });
  });
  conference.on('identity', (identity) => set({ identity }));
  conference.on('selfChanged', (self) => {
    if (self.moderator && !get().selfModerator && Date.now() - (get().joinedAt ?? 0) > 2000)
      toast(t('notice.moderator'));
    set({ selfModerator: self.moderator });
  });
  conference.on('memberJoined', (member) => {
    if (member.hidden) return;
    const { participants, order } = get();
    set({
      participants: { ...participants, [member.id]: toParticipant(member) },
      order: [...order.filter((id) => id !== member.id), member.id],
    });
    if (!quiet()) toast(t('notice.joined', { name: member.name || t('common.guest') }));
  });
  conference.on('memberChanged', (member) => {
    const before = get().participants[member.id];
    if (!before) return;
    const after = toParticipant(member, before);
    set({ participants: { ...get().participants, [member.id]: after } });
    const name = after.name || t('common.guest');
    if (after.raisedHand !== null && before.raisedHand === null) toast(t('notice.hand', { name }));
    if (after.moderator && !before.moderator && !quiet()) announce(t('notice.otherModerator', { name }));
  });
  conference.on('memberLeft', (member, { kicked }) => {
    const { [member.id]: gone, ...participants } = get().participants;
    if (!gone) return;
    const prefix = `${member.id}-`;
    const { pinned, chatTo, dominant } = get();
    set({
      participants,
      order: get().order.filter((id) => id !== member.id),
      pinned: pinned?.startsWith(prefix) ? null : pinned,
      chatTo: chatTo === member.id ? null : chatTo,
      dominant: dominant === member.id ? null : dominant,
    });
    if (!quiet()) {
      const name = member.name || t('common.guest');
      toast(t(kicked ? 'notice.kicked' : 'notice.left', { name }));
    }
  });

  conference.on('trackAdded', (track) => {
    set({ tracks: { ...get().tracks, [track.sourceName]: track } });
    if (track.kind === 'audio') {
      play(track.sourceName, track.owner, track.stream, get().volumes[track.owner] ?? 1);
      setReceiver(track.owner, track.receiver);
    }
  });
  conference.on('trackRemoved', (track) => {
    const { [track.sourceName]: _gone, ...tracks } = get().tracks;
    set({ tracks });
    if (track.kind === 'audio') {
      stop(track.sourceName);
      setReceiver(track.owner, null);
    }
  });

  let ribbon: ReturnType<typeof setTimeout> | null = null;
  conference.on('signalling', (signalling) => {
    if (ribbon) clearTimeout(ribbon);
    ribbon = null;
    if (signalling === 'resuming') {
      ribbon = setTimeout(() => {
        set({ signalling });
        announce(t('call.reconnecting'));
      }, RIBBON_AFTER_MS);
      return;
    }
    if (signalling === 'online' && get().signalling === 'resuming') announce(t('notice.reconnected'));
    // Reconnecting passes through the first states again; the ribbon stays until it is over.
    if (signalling === 'connecting' && get().phase === 'call') return;
    set({ signalling });
  });
  conference.on('media', (media) => set({ media }));
  conference.on('channelLost', (channelLost) => {
    set({ channelLost });
    if (channelLost) announce(withCode(t('call.channelLost'), 'channel'));
  });
  conference.on('focusSilent', () => {
    set({ focusSilent: true });
    announce(withCode(t('problem.focus-silent.text'), 'focus-silent'));
  });
  conference.on('breakoutRooms', (breakoutRooms, breakoutCounter) => set({ breakoutRooms, breakoutCounter }));
  conference.on('roomChanged', (jid) => enterOtherRoom(jid));
  conference.on('meetingId', (meetingId) => set({ meetingId }));
  conference.on('dominantSpeaker', (id) => {
    if (id !== conference.endpointId) set({ dominant: id });
  });
  conference.on('forwardedSources', (forwarded) => set({ forwarded }));
  conference.on('endpointActive', (id, active) => patchParticipant(id, { active }));
  conference.on('remoteQuality', (id, quality) => patchParticipant(id, { quality }));
  conference.on('stats', (stats) => {
    // Only the open dialog reads them; others would render for nothing.
    if (get().dialog === 'statistics') set({ stats });
  });
  conference.on('chat', (message) => receiveChat(message));
  conference.on('chatError', (detail) => toast(t('chat.failed', { detail }), 'problem'));
  conference.on('subject', (subject) => set({ subject }));
  conference.on('document', (documentUrl) => set({ documentUrl }));
  conference.on('started', (startedAt) => set({ startedAt }));
  conference.on('localChanged', () => syncLocal());
  conference.on('mutedBy', (kind, by) => {
    const name = by ? nameOf(by) : t('notice.someone');
    const key = { a0: 'notice.mutedBy', v0: 'notice.videoMutedBy', v1: 'notice.desktopMutedBy' }[kind];
    toast(t(key, { name }));
    syncLocal();
  });
  conference.on('unmuteRejected', () => {
    toast(t('notice.unmuteRejected'), 'problem');
    syncLocal();
  });
  conference.on('problem', (problem) => onProblem(problem));
}
