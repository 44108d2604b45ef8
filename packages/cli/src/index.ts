export { type CliPorts, runCli } from "./run-cli.js";
