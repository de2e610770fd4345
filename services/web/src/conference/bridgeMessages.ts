import type { ConferenceEvents } from './conferenceEvents';
import type { Emitter } from './emitter';
import { ClientLimits } from './limits';
import type { MediaSession } from './MediaSession';
import { validName, validSsrc } from './sources';
import type { MappedSource } from './tracks';

/** Acts on a message of the bridge; classes that this client has no use for are passed over. */
export function onBridgeMessage(
  message: Record<string, unknown> & { colibriClass: string },
  session: MediaSession,
  events: Emitter<ConferenceEvents>,
): void {
  switch (message.colibriClass) {
    case 'DominantSpeakerEndpointChangeEvent':
      if (message.silence === true) return;
      events.emit(
        'dominantSpeaker',
        typeof message.dominantSpeakerEndpoint === 'string' ? message.dominantSpeakerEndpoint : null,
        stringList(message.previousSpeakers),
      );
      break;
    case 'ForwardedSources':
      events.emit('forwardedSources', stringList(message.forwardedSources));
      break;
    case 'SenderSourceConstraints':
      if (typeof message.sourceName === 'string' && Number.isFinite(message.maxHeight)) {
        session.setWantedHeight(message.sourceName, message.maxHeight as number);
      }
      break;
    case 'EndpointConnectivityStatusChangeEvent':
      events.emit('endpointActive', String(message.endpoint), String(message.active) !== 'false');
      break;
    case 'EndpointStats':
      if (typeof message.from === 'string' && Number.isFinite(message.connectionQuality)) {
        events.emit('remoteQuality', message.from, Math.min(100, Math.max(0, message.connectionQuality as number)));
      }
      break;
    case 'VideoSourcesMap':
      session.mapSources('video', mappedSources(message.mappedSources));
      break;
    case 'AudioSourcesMap':
      session.mapSources('audio', mappedSources(message.mappedSources));
      break;
    default:
      break;
  }
}

function stringList(value: unknown): string[] {
  return Array.isArray(value) ? value.slice(0, ClientLimits.namesOfMessage).filter(validName) : [];
}

function mappedSources(value: unknown): MappedSource[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, ClientLimits.namesOfMessage).flatMap((entry: unknown) => {
    const { source, owner, ssrc, rtx, videoType } = (entry ?? {}) as Record<string, unknown>;
    if (!validName(source) || !validName(owner) || !validSsrc(ssrc)) return [];
    const retransmission = Number(rtx);
    return [
      {
        source,
        owner,
        ssrc,
        rtx: validSsrc(retransmission) ? retransmission : null,
        desktop: String(videoType).toUpperCase().startsWith('DESKTOP'),
      },
    ];
  });
}
