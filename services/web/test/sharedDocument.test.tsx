import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Tooltip } from 'radix-ui';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { documentUrl, shownDocument } from '../src/conference/sharedDocument';
import { callDefaults, get, set, setPreferences } from '../src/store/store';
import { Call } from '../src/views/Call/Call';
import { completeDom } from './dom';

const BASE = 'https://meet.test/etherpad/p/';

describe('documentUrl', () => {
  it.each([
    ['standup', `${BASE}standup`],
    ['r%c3%a4um', `${BASE}r%c3%a4um`],
    ['a b', `${BASE}a%20b`],
  ])('is the document %s of the server', (name, url) => expect(documentUrl(BASE, name)).toBe(url));

  it.each(['', '../../room', '..', '.', 'a?x=1', 'a#b', '\\\\evil', 'x'.repeat(2000)])('is none for %s', (name) =>
    expect(documentUrl(BASE, name)).toBeNull(),
  );

  it('is none where the server has no documents', () => expect(documentUrl(null, 'standup')).toBeNull());

  it('is shown with the name of who opens it', () => {
    const url = new URL(shownDocument(`${BASE}standup`, 'Ann & Bob'));
    expect(url.searchParams.get('userName')).toBe('Ann & Bob');
    expect(url.searchParams.get('showChat')).toBe('false');
  });
});

describe('the shared document in a call', () => {
  beforeEach(() => {
    completeDom();
    setPreferences({ name: 'Ann' });
    set({ ...callDefaults(), phase: 'call', room: 'Standup', selfId: 'self0000', signalling: 'online' });
  });

  afterEach(cleanup);

  const show = () =>
    render(
      <Tooltip.Provider>
        <Call />
      </Tooltip.Provider>,
    );

  it('has no button where there is none', () => {
    show();
    expect(screen.queryByTestId('toggle-document')).toBeNull();
  });

  it('opens beside the call, and stays loaded while it is hidden', async () => {
    set({ documentUrl: `${BASE}standup` });
    show();
    expect(screen.queryByTestId('document')).toBeNull();
    await userEvent.click(screen.getByTestId('toggle-document'));
    const frame = screen.getByTitle('Shared document');
    expect(frame.getAttribute('src')).toContain(`${BASE}standup?`);
    expect(frame.getAttribute('src')).toContain('userName=Ann');
    await userEvent.click(screen.getByTestId('toggle-document'));
    expect(get().panel).toBeNull();
    expect(screen.getByTestId('document').hidden).toBe(true);
    expect(screen.getByTitle('Shared document')).toBe(frame);
  });
});
