// The file that a worker thread of Node runs for the portable engine.
import { nodeLine } from "./node-line.js";
import { portableThread } from "./portable-thread.js";
import { hostModels } from "./worker-host.js";

hostModels(nodeLine(), portableThread());
