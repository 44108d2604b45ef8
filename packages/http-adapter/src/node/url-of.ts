/** The address under which a client on this machine reaches a server that listens on `host`. */
export function urlOf(host: string, port: number, isSecure = false): string {
  const scheme = isSecure ? "https" : "http";
  if (host === "0.0.0.0" || host === "::" || host === "") return `${scheme}://localhost:${port}`;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
