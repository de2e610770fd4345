/** Commands of the iframe API, and what each is called on the wire. */
export const COMMANDS = {
  displayName: 'display-name',
  endConference: 'end-conference',
  grantModerator: 'grant-moderator',
  hangup: 'video-hangup',
  kickParticipant: 'kick-participant',
  muteEveryone: 'mute-everyone',
  password: 'password',
  pinParticipant: 'pin-participant',
  sendChatMessage: 'send-chat-message',
  subject: 'subject',
  toggleAudio: 'toggle-audio',
  toggleChat: 'toggle-chat',
  toggleParticipantsPane: 'toggle-participants-pane',
  toggleRaiseHand: 'toggle-raise-hand',
  toggleShareScreen: 'toggle-share-screen',
  toggleVideo: 'toggle-video',
} as const;

/** Events on the wire, and what each is called for listeners. */
export const EVENTS = {
  'audio-availability-changed': 'audioAvailabilityChanged',
  'audio-mute-status-changed': 'audioMuteStatusChanged',
  'display-name-change': 'displayNameChange',
  'dominant-speaker-changed': 'dominantSpeakerChanged',
  'error-occurred': 'errorOccurred',
  'incoming-message': 'incomingMessage',
  'outgoing-message': 'outgoingMessage',
  'participant-joined': 'participantJoined',
  'participant-left': 'participantLeft',
  'participant-role-changed': 'participantRoleChanged',
  'password-required': 'passwordRequired',
  'raise-hand-updated': 'raiseHandUpdated',
  'screen-sharing-status-changed': 'screenSharingStatusChanged',
  'subject-change': 'subjectChange',
  'video-availability-changed': 'videoAvailabilityChanged',
  'video-conference-joined': 'videoConferenceJoined',
  'video-conference-left': 'videoConferenceLeft',
  'video-mute-status-changed': 'videoMuteStatusChanged',
  'video-ready-to-close': 'readyToClose',
} as const;

export type Command = keyof typeof COMMANDS;
export type WireEvent = keyof typeof EVENTS;

export const scopeOf = (id: number | string) => `jitsi_meet_external_api_${id}`;
