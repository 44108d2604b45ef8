// Clients that keep asking over HTTP, each with one connection.
import { Agent, request } from "node:http";

/** Sends a body to a URL; resolves to status, text and the milliseconds that it took. */
export function post(url, body, agent) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const sent = request(url, { method: "POST", agent }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, text, ms: performance.now() - start }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Starts `count` clients; each asks for one digit after another until `stop()`, which resolves to all answers. */
export function startClients(count, url, digits) {
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  const answers = [];
  const until = new AbortController();
  const client = async (first) => {
    for (let index = first; !until.signal.aborted; index = (index + 1) % digits.length) {
      const answer = await post(url, digits[index].body, agent).catch((error) => ({
        status: 0,
        text: error.message,
        ms: 0,
      }));
      answers.push({ ...answer, index });
    }
  };
  const clients = Array.from({ length: count }, (_, first) => client(first));
  return {
    answers,
    async stop() {
      until.abort();
      await Promise.all(clients);
      agent.destroy();
      return answers;
    },
  };
}

/** The value below which a share of the sorted values lies. */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
