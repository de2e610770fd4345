import { writeHash } from '../embed/address';
import { COMMANDS, type Command, EVENTS, scopeOf, type WireEvent } from '../embed/names';
import { record, Wire } from '../embed/Wire';

export interface ExternalOptions {
  roomName?: string;
  parentNode?: HTMLElement;
  width?: number | string;
  height?: number | string;
  jwt?: string;
  lang?: string;
  noSSL?: boolean;
  userInfo?: { displayName?: string; email?: string };
  configOverwrite?: Record<string, unknown>;
  interfaceConfigOverwrite?: Record<string, unknown>;
  onload?: (event: Event) => void;
  sandbox?: string;
}

type Listener = (data: Record<string, unknown>) => void;

interface ParticipantInfo {
  participantId: string;
  displayName: string;
  formattedDisplayName: string;
}

const ALLOWED = [
  'autoplay',
  'camera',
  'clipboard-write',
  'display-capture',
  'fullscreen',
  'microphone',
  'screen-wake-lock',
  'speaker-selection',
].join('; ');

let frames = 0;

/** A call in a frame of somebody's page: the core of Jitsi's iframe API, under its names. */
export class JitsiMeetExternalAPI {
  private readonly frame: HTMLIFrameElement;
  private readonly wire: Wire;
  private readonly room: string;
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly participants = new Map<string, string>();
  private selfId: string | null = null;

  /** `domain` is the host of the server, with its port and path if it has them. */
  constructor(domain: string, options: ExternalOptions = {}) {
    const address = new URL(
      `${options.noSSL === true ? 'http' : 'https'}://${domain.replace(/^https?:\/\//, '').replace(/\/$/, '')}/`,
    );
    const id = frames;
    frames += 1;
    this.room = options.roomName ?? '';
    address.pathname += this.room.split('/').map(encodeURIComponent).join('/');
    if (options.jwt) address.searchParams.set('jwt', options.jwt);
    if (options.lang) address.searchParams.set('lang', options.lang);
    address.hash = writeHash(id, {
      config: options.configOverwrite ?? {},
      interfaceConfig: options.interfaceConfigOverwrite ?? {},
      userInfo: options.userInfo ?? {},
    });

    this.frame = document.createElement('iframe');
    this.frame.id = `jitsiConferenceFrame${id}`;
    this.frame.name = this.frame.id;
    this.frame.title = 'Video call';
    this.frame.allow = ALLOWED;
    if (options.sandbox) this.frame.setAttribute('sandbox', options.sandbox);
    this.frame.style.border = '0';
    this.resize(options.width, options.height);
    if (options.onload) this.frame.addEventListener('load', options.onload);
    this.wire = new Wire({
      scope: scopeOf(id),
      target: () => this.frame.contentWindow,
      source: window,
      origin: address.origin,
      onEvent: (name, data) => this.onWireEvent(name, data),
      onRequest: () => undefined,
    });
    this.frame.src = address.href;
    (options.parentNode ?? document.body).appendChild(this.frame);
  }

  getIFrame(): HTMLIFrameElement {
    return this.frame;
  }

  resize(width?: number | string, height?: number | string): void {
    this.frame.style.width = size(width) ?? '100%';
    this.frame.style.height = size(height) ?? '100%';
  }

  dispose(): void {
    this.emit('_willDispose', {});
    this.wire.close();
    this.listeners.clear();
    this.frame.remove();
  }

  // ---- commands ------------------------------------------------------------------------------------------------------

  executeCommand(name: string, ...values: unknown[]): void {
    if (!Object.hasOwn(COMMANDS, name)) {
      console.error(`JitsiMeetExternalAPI: the command ${name} is not known here`);
      return;
    }
    this.wire.sendCommand(COMMANDS[name as Command], values);
  }

  executeCommands(commands: Record<string, unknown[]>): void {
    for (const [name, values] of Object.entries(commands)) this.executeCommand(name, ...values);
  }

  pinParticipant(id?: string): void {
    this.executeCommand('pinParticipant', id);
  }

  // ---- questions -----------------------------------------------------------------------------------------------------

  isAudioMuted(): Promise<boolean> {
    return this.wire.ask('is-audio-muted') as Promise<boolean>;
  }

  isVideoMuted(): Promise<boolean> {
    return this.wire.ask('is-video-muted') as Promise<boolean>;
  }

  isAudioAvailable(): Promise<boolean> {
    return this.wire.ask('is-audio-available') as Promise<boolean>;
  }

  isVideoAvailable(): Promise<boolean> {
    return this.wire.ask('is-video-available') as Promise<boolean>;
  }

  isSharingScreen(): Promise<boolean> {
    return this.wire.ask('is-sharing-screen') as Promise<boolean>;
  }

  getParticipantsInfo(): ParticipantInfo[] {
    return [...this.participants].map(([id, name]) => ({
      participantId: id,
      displayName: name,
      formattedDisplayName: formatted(name, id === this.selfId),
    }));
  }

  getNumberOfParticipants(): number {
    return this.participants.size;
  }

  getDisplayName(id: string): string | undefined {
    return this.participants.get(id);
  }

  // ---- listeners -----------------------------------------------------------------------------------------------------

  on(event: string, listener: Listener): this {
    const all = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, all.add(listener));
    return this;
  }

  once(event: string, listener: Listener): this {
    const first: Listener = (data) => {
      this.off(event, first);
      listener(data);
    };
    return this.on(event, first);
  }

  off(event: string, listener: Listener): this {
    this.listeners.get(event)?.delete(listener);
    return this;
  }

  addListener(event: string, listener: Listener): this {
    return this.on(event, listener);
  }

  addEventListener(event: string, listener: Listener): void {
    this.on(event, listener);
  }

  addEventListeners(listeners: Record<string, Listener>): void {
    for (const [event, listener] of Object.entries(listeners)) this.on(event, listener);
  }

  removeListener(event: string, listener: Listener): this {
    return this.off(event, listener);
  }

  removeEventListener(event: string): void {
    this.listeners.delete(event);
  }

  removeEventListeners(events: string[]): void {
    for (const event of events) this.removeEventListener(event);
  }

  private emit(event: string, data: Record<string, unknown>): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) {
      try {
        listener(data);
      } catch (error) {
        // Somebody's listener must not keep the next one from hearing it.
        console.error(error);
      }
    }
  }

  private onWireEvent(wireName: string, told: unknown): void {
    if (!Object.hasOwn(EVENTS, wireName)) return;
    const { name: _name, ...data } = record(told);
    const id = typeof data.id === 'string' ? data.id : '';
    switch (wireName as WireEvent) {
      case 'video-conference-joined':
        this.participants.clear();
        this.selfId = id;
        this.participants.set(id, text(data.displayName));
        break;
      case 'participant-joined':
        this.participants.set(id, text(data.displayName));
        break;
      case 'participant-left':
        this.participants.delete(id);
        break;
      case 'display-name-change':
        if (this.participants.has(id)) this.participants.set(id, text(data.displayname));
        break;
      case 'video-conference-left':
        this.participants.clear();
        this.selfId = null;
        break;
      default:
        break;
    }
    this.emit(EVENTS[wireName as WireEvent], data);
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function formatted(name: string, own: boolean): string {
  const shown = name || 'Guest';
  return own ? `${shown} (me)` : shown;
}

/** Pixels for a number, also one in a text; lengths of CSS stay as they are, anything else is none. */
function size(value: number | string | undefined): string | null {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))) return `${value}px`;
  return typeof value === 'string' && /^\d+(\.\d+)?(px|em|rem|pt|%|vh|vw)$/.test(value) ? value : null;
}
