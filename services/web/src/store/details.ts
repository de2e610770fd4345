import { logLines } from '../conference/log';
import { problemCode } from '../errors/problems';
import { get } from './store';

/** What somebody who runs the server needs to find the case in its logs: ids, times and this page's own log. No password and no token. */
export function problemDetails(): string {
  const { problem, problemAt, room, meetingId, selfId } = get();
  return [
    `code: ${problem ? problemCode(problem) : 'none'}`,
    `time: ${problemAt ?? 'none'}`,
    `address: ${location.origin}${location.pathname}`,
    `room: ${room || 'none'}`,
    `meeting: ${meetingId || 'not known'}`,
    `participant: ${selfId || 'not joined'}`,
    `problem: ${JSON.stringify(problem)}`,
    `browser: ${navigator.userAgent}`,
    '',
    ...logLines(),
  ].join('\n');
}
