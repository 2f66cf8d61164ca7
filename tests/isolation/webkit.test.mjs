// The attacks in WebKitGTK, as far as it goes: it has no partitioned cookies, so third-party ones are allowed.
import { tryAttacks } from "./cells.mjs";

tryAttacks("WebKit");
