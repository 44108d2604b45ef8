import { runCli } from "./run-cli.js";

process.exitCode = await runCli(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  onStop: (stop) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
  },
});
// What the models' workers still hold must not keep the process, which has drained and closed.
process.exit();
