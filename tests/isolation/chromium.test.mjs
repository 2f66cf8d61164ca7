// The attacks in Chromium.
import { tryAttacks } from "./cells.mjs";

tryAttacks("Chromium");
