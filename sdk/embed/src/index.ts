export { embed } from "./embed.js";
export type { Embed, EmbedOptions, Link, State, Wanted } from "./embed.js";
export { InlayEmbed } from "./element.js";
