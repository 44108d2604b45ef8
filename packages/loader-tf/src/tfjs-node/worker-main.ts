// The file that a worker thread of Node runs for the engine tfjs-node.
import { nodeLine } from "../engine/worker/node-line.js";
import { hostModels } from "../engine/worker/worker-host.js";
import { type AddonFacts, type AddonOrder, openSession } from "./addon-session.js";

hostModels<AddonOrder, AddonFacts>(nodeLine(), {
  open: (_, request) => openSession(request),
  ran: () => {},
  // TensorFlow gives back what a model had.
  closed: () => 0,
});
