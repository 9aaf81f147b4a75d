// Loaded with --import into a program that knows nothing of its supervisor: the core. Outright, and not by SIGTERM: with the
// supervisor gone nobody reads its log, and the logger's last flush would try for ever (sonic-boom's flushSync on EPIPE).
if (process.channel !== undefined && process.channel !== null) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
