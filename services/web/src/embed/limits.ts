/** What the page around a call, or the call in a page, may make the other side keep. */
export const EmbedLimits = {
  /** Characters of one message. A longer one is not read. */
  messageLength: 64 * 1024,
  /** Messages that wait for the other side to be ready. Further ones are dropped. */
  waitingMessages: 200,
  /** How often one number of the handshake is sent back. The other side repeats it until it has come back once. */
  handshakes: 100,
  /** Questions without an answer. A further one is refused at once. */
  openQuestions: 100,
  /** Characters of the part of an address that carries settings. A longer one is not read. */
  addressLength: 16 * 1024,
  /** Characters of a name or a subject that the page around sets. What is longer is cut. */
  textLength: 256,
} as const;
