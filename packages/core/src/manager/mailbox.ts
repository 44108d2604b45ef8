/** Does one piece of work after another: what is posted while work is done waits for its turn. */
export interface Mailbox {
  post(work: () => void): void;
}

/** Makes a mailbox that calls `settled` whenever it has become empty; what that posts is done after it. */
export function createMailbox(settled: () => void): Mailbox {
  const waiting: (() => void)[] = [];
  let busy = false;
  return {
    post(work) {
      waiting.push(work);
      if (busy) return;
      busy = true;
      try {
        do {
          for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
          settled();
        } while (waiting.length > 0);
      } finally {
        busy = false;
      }
    },
  };
}
