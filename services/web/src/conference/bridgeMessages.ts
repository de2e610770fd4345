import type { ConferenceEvents } from './conferenceEvents';
import type { Emitter } from './emitter';
import type { MediaSession } from './MediaSession';
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
      if (typeof message.sourceName === 'string' && typeof message.maxHeight === 'number') {
        session.setWantedHeight(message.sourceName, message.maxHeight);
      }
      break;
    case 'EndpointConnectivityStatusChangeEvent':
      events.emit('endpointActive', String(message.endpoint), String(message.active) !== 'false');
      break;
    case 'EndpointStats':
      if (typeof message.from === 'string' && typeof message.connectionQuality === 'number') {
        events.emit('remoteQuality', message.from, message.connectionQuality);
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
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}

function mappedSources(value: unknown): MappedSource[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const { source, owner, ssrc, rtx, videoType } = (entry ?? {}) as Record<string, unknown>;
    if (typeof source !== 'string' || typeof owner !== 'string' || typeof ssrc !== 'number') return [];
    const retransmission = Number(rtx);
    return [
      {
        source,
        owner,
        ssrc,
        rtx: Number.isFinite(retransmission) && retransmission > 0 ? retransmission : null,
        desktop: String(videoType).toUpperCase().startsWith('DESKTOP'),
      },
    ];
  });
}
