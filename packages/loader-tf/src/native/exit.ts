const open = new Set<() => void>();

/**
 * Calls `end` when the process ends: Node waits for the threads of libuv's pool, so what runs on them must come to an
 * end. The function that it gives takes that back.
 */
export function atExit(end: () => void): () => void {
  if (open.size === 0) process.on("exit", endAll);
  open.add(end);
  return () => {
    open.delete(end);
    if (open.size === 0) process.off("exit", endAll);
  };
}

function endAll(): void {
  for (const end of open) end();
}
