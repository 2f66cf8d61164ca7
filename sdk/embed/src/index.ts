export { embed } from "./embed.js";
export type { Embed, EmbedOptions, Link, State, Theme, Wanted } from "./embed.js";
export { InlayEmbed, type InlayEmbedEvents } from "./element.js";
