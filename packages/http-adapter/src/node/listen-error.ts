import { ServingError } from "@servable/core";

/** Why a server could not listen, and the way out. */
export function listenError(
  error: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): ServingError {
  const place = `port ${port} on ${host}`;
  return new ServingError("FAILED_PRECONDITION", `cannot listen: ${reasonOf(error, place, host)}`, { cause: error });
}

function reasonOf(error: NodeJS.ErrnoException, place: string, host: string): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `${place} is in use; stop what listens there, or give another port (0 takes a free one)`;
    case "EACCES":
      return `${place} needs more rights; give a port from 1024 on`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${host} is no address of this machine; give one that is, or 0.0.0.0 for all`;
    case undefined:
    default:
      return error.message;
  }
}
