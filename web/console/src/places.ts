// Every page of the console: its address, and its line in the navigation if it has one. A page's code is loaded when
// it is opened.
import {
    AppWindow,
    ChartColumn,
    CircleUser,
    FlaskConical,
    KeyRound,
    Layers,
    ListTree,
    Palette,
    ShieldCheck,
    UserCog,
    Users,
    type LucideIcon,
} from "lucide-react";
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
    { path: "/start", page: lazy(() => import("./pages/start")), scope: "apps:write" },
    {
        path: "/apps",
        page: lazy(() => import("./pages/apps")),
        scope: "apps:read",
        nav: { name: "Apps", icon: AppWindow, section: "" },
    },
    { path: "/apps/new", page: lazy(() => import("./pages/app-new")), scope: "apps:write" },
    { path: "/apps/:id/:tab?", page: lazy(() => import("./pages/app")), scope: "apps:read" },
    { path: "/settings/permissions/group/:id/:tab?", page: lazy(() => import("./pages/group")), scope: "groups:read" },
    { path: "/users/:id", page: lazy(() => import("./pages/user")), scope: "users:read" },
    {
        path: "/users",
        page: lazy(() => import("./pages/users")),
        scope: "users:read",
        nav: { name: "Users", icon: Users, section: "" },
    },
    {
        path: "/tester",
        page: lazy(() => import("./pages/tester")),
        scope: "apps:read",
        nav: { name: "Embed tester", icon: FlaskConical, section: "", words: "try preview request curl" },
    },
    {
        path: "/usage",
        page: lazy(() => import("./pages/usage")),
        scope: "events:read",
        nav: { name: "Usage", icon: ChartColumn, section: "Insight", words: "views statistics charts denials" },
    },
    {
        path: "/events",
        page: lazy(() => import("./pages/events")),
        scope: "events:read",
        nav: { name: "Audit log", icon: ListTree, section: "Insight", words: "events log" },
    },
    {
        path: "/settings/permissions",
        page: lazy(() => import("./pages/permissions")),
        scope: "groups:read",
        nav: { name: "Permissions", icon: ShieldCheck, section: "Settings" },
    },
    {
        path: "/settings/api",
        page: lazy(() => import("./pages/tokens")),
        scope: "api-tokens:read",
        nav: { name: "API tokens", icon: KeyRound, section: "Settings" },
    },
    {
        path: "/settings/environments",
        page: lazy(() => import("./pages/environments")),
        scope: "environments:read",
        nav: { name: "Environments", icon: Layers, section: "Settings" },
    },
    {
        path: "/settings/brand",
        page: lazy(() => import("./pages/brand")),
        scope: "workspaces:read",
        nav: { name: "Brand", icon: Palette, section: "Settings", words: "logo color theme support error pages" },
    },
    {
        path: "/settings/admins",
        page: lazy(() => import("./pages/admins")),
        scope: "admin",
        nav: { name: "Admins", icon: UserCog, section: "Settings", words: "invite role console" },
    },
    {
        path: "/settings/account",
        page: lazy(() => import("./pages/account")),
        nav: {
            name: "Your account",
            icon: CircleUser,
            section: "Settings",
            words: "password second factor totp sessions profile",
        },
    },
];
