// Every page of the console: its address, and its line in the navigation if it has one. A page's code is loaded when
// it is opened.
import { AppWindow, KeyRound, ListTree, ShieldCheck, Users, type LucideIcon } from "lucide-react";
import { lazy, type ComponentType } from "react";
import type { Scope } from "./me";

export interface Place {
    /** wouter's pattern: "/apps/:id". The longer ones first. */
    path: string;
    page: ComponentType;
    /** What a role needs to see it. */
    scope?: Scope;
    nav?: { name: string; icon: LucideIcon; section: Section; words?: string };
}

export type Section = "" | "Insight" | "Settings";
export const SECTIONS: Section[] = ["", "Insight", "Settings"];

export const places: Place[] = [
    { path: "/apps", page: lazy(() => import("./pages/apps")), scope: "apps:read", nav: { name: "Apps", icon: AppWindow, section: "" } },
    { path: "/users/:id", page: lazy(() => import("./pages/user")), scope: "users:read" },
    { path: "/users", page: lazy(() => import("./pages/users")), scope: "users:read", nav: { name: "Users", icon: Users, section: "" } },
    { path: "/events", page: lazy(() => import("./pages/events")), scope: "events:read", nav: { name: "Audit trail", icon: ListTree, section: "Insight", words: "events log" } },
    { path: "/settings/permissions", page: lazy(() => import("./pages/permissions")), scope: "groups:read", nav: { name: "Permissions", icon: ShieldCheck, section: "Settings" } },
    { path: "/settings/api", page: lazy(() => import("./pages/tokens")), scope: "api-tokens:read", nav: { name: "API tokens", icon: KeyRound, section: "Settings" } },
];
