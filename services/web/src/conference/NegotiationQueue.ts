/** One change of the session after the other; nothing runs before it is opened, nothing after it is closed. */
export class NegotiationQueue {
  private tail: Promise<unknown>;
  private begin: () => void = () => {};
  private closed = false;

  constructor(private readonly onFailure: (error: unknown) => void) {
    this.tail = new Promise<void>((resolve) => {
      this.begin = resolve;
    });
  }

  open(): void {
    this.begin();
  }

  close(): void {
    this.closed = true;
  }

  /** Settles as the work does. A failure is also told to the owner, and what waits behind goes on. */
  add(work: () => Promise<unknown>): Promise<void> {
    const run = this.tail.then(async () => {
      if (!this.closed) await work();
    });
    this.tail = run.catch((error: unknown) => {
      if (!this.closed) this.onFailure(error);
    });
    return run;
  }
}
