import { createApp } from "vue";
import Embed from "./Embed.vue";

const { email, appId } = await (await fetch("/api/me")).json();
createApp(Embed, { userEmail: email, appId }).mount("#app");
