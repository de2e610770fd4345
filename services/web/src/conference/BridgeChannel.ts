import { Emitter } from './emitter';
import { log } from './log';
import { parseJsonObject } from './xml';

type ChannelEvents = {
  open: [];
  closed: [];
  message: [Record<string, unknown> & { colibriClass: string }];
};

const MAX_RETRY_MS = 60_000;
/** Messages said before the channel is open; state is repeated on open, so only few matter. */
const MAX_WAITING = 50;

/** The JSON channel to the bridge, over a data channel or a WebSocket. */
export class BridgeChannel extends Emitter<ChannelEvents> {
  private dataChannel: RTCDataChannel | null = null;
  private socket: WebSocket | null = null;
  private waiting: string[] = [];
  private retryMs = 1000;
  private retryTimer: ReturnType<typeof setTimeout> | null = null;
  private closed = false;
  readonly mode: 'datachannel' | 'websocket';

  private constructor(mode: 'datachannel' | 'websocket') {
    super();
    this.mode = mode;
  }

  static overDataChannel(connection: RTCPeerConnection): BridgeChannel {
    const channel = new BridgeChannel('datachannel');
    const data = connection.createDataChannel('JVB data channel', {
      protocol: 'http://jitsi.org/protocols/colibri',
    });
    channel.dataChannel = data;
    data.onopen = () => channel.onOpen();
    data.onclose = () => channel.onClosed();
    data.onmessage = (event) => channel.onText(event.data);
    return channel;
  }

  static overWebSocket(url: string): BridgeChannel {
    const channel = new BridgeChannel('websocket');
    channel.connect(url);
    return channel;
  }

  get isOpen(): boolean {
    return this.dataChannel?.readyState === 'open' || this.socket?.readyState === WebSocket.OPEN;
  }

  send(message: { colibriClass: string } & Record<string, unknown>): void {
    const line = JSON.stringify(message);
    if (this.dataChannel?.readyState === 'open') this.dataChannel.send(line);
    else if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(line);
    else if (!this.closed && this.waiting.length < MAX_WAITING) this.waiting.push(line);
  }

  close(): void {
    this.closed = true;
    if (this.retryTimer) clearTimeout(this.retryTimer);
    this.dataChannel?.close();
    this.socket?.close(1000);
    this.removeAll();
  }

  private connect(url: string): void {
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      this.retryMs = 1000;
      this.onOpen();
    };
    socket.onmessage = (event) => this.onText(event.data);
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.onClosed();
      if (this.closed) return;
      this.retryTimer = setTimeout(() => this.connect(url), this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
    };
  }

  private onOpen(): void {
    log('bridge', `channel open over ${this.mode}`);
    const waiting = this.waiting;
    this.waiting = [];
    this.emit('open');
    for (const line of waiting) {
      if (this.dataChannel) this.dataChannel.send(line);
      else this.socket?.send(line);
    }
  }

  private onClosed(): void {
    if (this.closed) return;
    log('bridge', 'channel closed');
    this.emit('closed');
  }

  private onText(data: unknown): void {
    if (typeof data !== 'string') return;
    const message = parseJsonObject(data);
    if (typeof message?.colibriClass !== 'string') {
      log('bridge', 'unreadable message');
      return;
    }
    this.emit('message', message as Record<string, unknown> & { colibriClass: string });
  }
}
