/** A typed event emitter. A listener that throws does not keep the others from hearing the event. */
export class Emitter<Events extends Record<string, unknown[]>> {
  private readonly listeners: { [K in keyof Events]?: Set<(...args: Events[K]) => void> } = {};

  on<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): () => void {
    const set = this.listeners[event] ?? new Set<(...args: Events[K]) => void>();
    set.add(listener);
    this.listeners[event] = set;
    return () => {
      set.delete(listener);
    };
  }

  emit<K extends keyof Events>(event: K, ...args: Events[K]): void {
    for (const listener of [...(this.listeners[event] ?? [])]) {
      try {
        listener(...args);
      } catch (error) {
        console.error(`listener of ${String(event)} failed`, error);
      }
    }
  }

  removeAll(): void {
    for (const event of Object.keys(this.listeners) as (keyof Events)[]) delete this.listeners[event];
  }
}
