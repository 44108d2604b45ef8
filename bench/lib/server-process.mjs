// A server under test, as a process of its own.
import { fork } from "node:child_process";

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
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
