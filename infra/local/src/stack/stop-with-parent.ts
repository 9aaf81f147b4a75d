/** How long a process may take to end once its supervisor is gone. */
const GRACE_MS = 10_000;

/**
 * Ends this process when the supervisor that started it dies, even by SIGKILL: the channel between them closes. The
 * process is asked first (SIGTERM, so that it can end what it started), then made to. Does nothing without a supervisor.
 */
export function stopWithParent(): void {
  if (process.channel === undefined || process.channel === null) return;
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
  });
  // The channel alone must not keep the process running.
  process.channel.unref();
}
