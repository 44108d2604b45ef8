import { execFile } from "node:child_process";

/** How a program ended. */
export interface Outcome {
  readonly status: number | string | null | undefined;
  readonly output: string;
}

/** Runs a program to its end, with the environment of this process and `env`. */
export function run(
  file: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      file,
      args,
      { cwd, maxBuffer: 2 ** 26, env: { ...process.env, ...env } },
      (_error, out, err) => {
        resolve({ status: child.exitCode, output: out + err });
      },
    );
  });
}
