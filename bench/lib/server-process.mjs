// A server under test, as a process of its own.
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Starts a script, with arguments, that sends `{ url }` when it serves. */
export async function startProcess(script, args = []) {
  const child = fork(script, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const { url } = await new Promise((resolve, reject) => {
    child.once("message", resolve);
    void ended.then((status) => reject(new Error(`${script} ended with ${status}`)));
  });
  return {
    url,
    /** Tells it something. */
    send: (message) => child.send(message),
    /** Tells it something, and gives what it says to that. */
    async ask(message) {
      const answer = once(child, "message");
      child.send(message);
      return (await answer)[0];
    },
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Starts a Python script, with arguments, that prints its URL when it is about to serve. */
export async function startPython(python, script, args = []) {
  const child = spawn(python, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const first = once(createInterface({ input: child.stdout }), "line");
  const url = await Promise.race([first.then(([line]) => line), ended.then(() => undefined)]);
  if (url === undefined) throw new Error(`${script} ended before it served`);
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
