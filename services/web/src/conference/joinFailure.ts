import { child } from './xml';

/** Why a room was not entered, as the views tell it. */
export type JoinFailure =
  | 'password'
  | 'members-only'
  | 'full'
  | 'not-allowed'
  /** The focus closed the room between the request and the join: ask again. */
  | 'room-gone'
  | 'authentication'
  | 'display-name'
  | 'error';

export function joinFailure(condition: string, error: Element | null, detail: string): JoinFailure {
  switch (condition) {
    case 'not-authorized':
      return 'password';
    case 'registration-required':
      return 'members-only';
    case 'service-unavailable':
      return 'full';
    case 'not-acceptable':
      return child(error, 'displayname-required') ? 'display-name' : 'error';
    case 'not-allowed':
      if (child(error, 'authentication-required')) return 'authentication';
      if (detail === 'Room creation is restricted' || child(error, 'room-does-not-exist')) return 'room-gone';
      return 'not-allowed';
    default:
      return 'error';
  }
}
