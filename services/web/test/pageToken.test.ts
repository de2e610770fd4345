import { beforeEach, describe, expect, it } from 'vitest';
import { pageToken } from '../src/store/pageToken';

describe('the token of the page', () => {
  beforeEach(() => sessionStorage.clear());

  it('leaves the address and is found again when the page is loaded again', () => {
    history.replaceState(null, '', '/standup?lang=de&jwt=a.b.c#config.x=1');
    pageToken.take();
    expect(location.pathname + location.search + location.hash).toBe('/standup?lang=de#config.x=1');
    expect(pageToken.get()).toBe('a.b.c');
    pageToken.take();
    expect(pageToken.get()).toBe('a.b.c');
  });

  it('is for the room that it came with', () => {
    history.replaceState(null, '', '/standup?jwt=a.b.c');
    pageToken.take();
    history.replaceState(null, '', '/other');
    expect(pageToken.get()).toBeNull();
    history.replaceState(null, '', '/standup');
    expect(pageToken.get()).toBe('a.b.c');
    pageToken.clear();
    expect(pageToken.get()).toBeNull();
  });

  it('gives way to a newer one, and to none', () => {
    history.replaceState(null, '', '/standup?jwt=a.b.c');
    pageToken.take();
    history.replaceState(null, '', '/standup?jwt=d.e.f');
    pageToken.take();
    expect(pageToken.get()).toBe('d.e.f');
    history.replaceState(null, '', '/standup?jwt=');
    pageToken.take();
    expect(pageToken.get()).toBeNull();
  });

  it('is nothing where what is kept is unreadable', () => {
    history.replaceState(null, '', '/standup');
    for (const kept of ['{', 'null', '7', '[]', '{"path":"/standup","token":7}']) {
      sessionStorage.setItem('jitsimesh.page-token', kept);
      expect(pageToken.get()).toBeNull();
    }
  });
});
