// Tasks of the event loop (HTML standard section 8.1.7): work that runs after the script and its promise jobs.

const { setTimer } = native;

/**
 * Queues a task; tasks run in the order they were queued. `steps` must not throw. At start-up there is no event loop
 * yet, and the steps follow as a promise job.
 */
export function queueTask(steps) {
  try {
    setTimer(0, false, steps);
  } catch {
    Promise.resolve().then(steps);
  }
}
