// The attacks in Firefox.
import { tryAttacks } from "./cells.mjs";

tryAttacks("Firefox");
