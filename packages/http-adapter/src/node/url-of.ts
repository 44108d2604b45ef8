/** The address under which a client on this machine reaches a server that listens on `host`. */
export function urlOf(host: string, port: number): string {
  if (host === "0.0.0.0" || host === "::" || host === "") return `http://localhost:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
