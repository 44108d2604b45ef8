/** The five states of a version that TensorFlow Serving publishes. */
export type PublicState = "START" | "LOADING" | "AVAILABLE" | "UNLOADING" | "END";
