/** Tells a listener; what it throws must not cost the client its answer, and comes out where nothing catches it. */
export function notify<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (fault) {
    setTimeout(() => {
      throw fault;
    });
  }
}
