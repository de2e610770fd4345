/** Where the page is: the last path segment is the room, what is before it (tenant, sub-path) stays. */
export interface Place {
  base: string;
  room: string;
}

export function placeOf(pathname: string): Place {
  const slash = pathname.lastIndexOf('/');
  const last = pathname.slice(slash + 1);
  let room = last === 'index.html' ? '' : last;
  try {
    room = decodeURIComponent(room);
  } catch {
    // A stray per cent sign: taken as it is.
  }
  // Two slashes at the beginning would name another host when the address is written anew.
  return { base: pathname.slice(0, slash + 1).replace(/^\/{2,}/, '/') || '/', room };
}

export function roomPath(base: string, room: string): string {
  return `${base}${encodeURIComponent(room)}`;
}

export function inviteLink(): string {
  return `${location.origin}${location.pathname}`;
}
