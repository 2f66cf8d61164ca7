export { embed } from "./embed.js";
export type { Embed, EmbedOptions, Link, State } from "./embed.js";
export { InlayEmbed } from "./element.js";
