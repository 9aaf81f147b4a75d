// Loaded with --import into a program that knows nothing of its supervisor: the core.
import { stopWithParent } from './stop-with-parent.ts';

stopWithParent();
