import { child } from './xml';

/** Why a room was not entered, as the views tell it. */
export type JoinFailure =
  | 'password'
  | 'members-only'
  | 'full'
  | 'banned'
  /** Wrong passwords were tried too often from here. */
  | 'password-tries'
  /** The focus closed the room between the request and the join: ask again. */
  | 'room-gone'
  /** The token is for another room. */
  | 'token-room'
  | 'authentication'
  | 'display-name'
  | 'error';

/** What mod_token_verification says of a room that a token is not for. */
const TOKEN_RULES = ['room-name-does-not-match', 'room-mismatch', 'invalid-regex', 'invalid-room-address'];

export function joinFailure(condition: string, error: Element | null, detail: string): JoinFailure {
  switch (condition) {
    case 'not-authorized':
      return 'password';
    case 'registration-required':
      return 'members-only';
    case 'service-unavailable':
      return 'full';
    case 'forbidden':
      return 'banned';
    case 'resource-constraint':
      return detail === 'Too many passwords' ? 'password-tries' : 'error';
    case 'not-acceptable':
      return child(error, 'displayname-required') ? 'display-name' : 'error';
    case 'not-allowed':
      if (child(error, 'authentication-required')) return 'authentication';
      if (detail === 'Room and token mismatched' || TOKEN_RULES.some((rule) => child(error, rule))) return 'token-room';
      if (detail === 'Room creation is restricted' || child(error, 'room-does-not-exist')) return 'room-gone';
      return 'error';
    default:
      return 'error';
  }
}
