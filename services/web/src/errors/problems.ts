import type { JoinFailure } from '../conference/joinFailure';
import type { LoginFailure } from '../conference/Login';
import type { Problem } from '../store/types';
import { type ErrorKey, errorCodes, isErrorKey, keyOfCode } from './codes';

const OF_ROOM: Record<JoinFailure, ErrorKey> = {
  password: 'password-required',
  'members-only': 'members-only',
  full: 'full',
  banned: 'banned',
  'password-tries': 'password-tries',
  'room-gone': 'room-gone',
  'token-room': 'token-room',
  authentication: 'token',
  'display-name': 'display-name',
  error: 'join',
};

/** Which text belongs to a problem: its title and its sentence are `problem.<key>`. */
export function problemKey(problem: Problem): ErrorKey {
  switch (problem.kind) {
    case 'token':
      return /\bexp\b|expired/i.test(problem.detail) ? 'token-expired' : 'token';
    case 'join':
      return keyOfCode(problem.code ?? null) ?? OF_ROOM[problem.reason];
    case 'unreachable':
      return unreachableKey(problem.reason, problem.status);
    case 'refused':
      return problem.reason;
    case 'media':
      return problem.reason === 'ice' ? 'media' : 'negotiation';
    case 'login-required':
      return problem.wrong ? 'login-wrong' : 'login-required';
    default:
      return problem.kind;
  }
}

function unreachableKey(reason: 'unreachable' | 'offline' | 'untrusted' | 'answers', status: number): ErrorKey {
  if (reason !== 'answers') return reason;
  const key = `http-${status}`;
  // 400 is how an address for sessions answers a question that opens none: what went wrong is between the two.
  return isErrorKey(key) && status !== 400 && status !== 405 ? key : 'no-session';
}

/** What a sign-in that failed within a call is told as. */
export function loginKey(reason: LoginFailure): ErrorKey {
  return reason === 'wrong' ? 'login-wrong' : reason;
}

export const problemCode = (problem: Problem): string => errorCodes[problemKey(problem)];
