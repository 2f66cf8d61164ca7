// Ctrl+K: finds pages, apps, users, groups, and what can be done with them.
import { useQuery, keepPreviousData } from "@tanstack/react-query";
import { AppWindow, Copy, CornerDownLeft, Link2, Plus, Power, Search, Settings2, ShieldCheck, User, X, type LucideIcon } from "lucide-react";
import { useState } from "react";
import { Autocomplete } from "react-aria-components/Autocomplete";
import { Button as AriaButton } from "react-aria-components/Button";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Header } from "react-aria-components/Header";
import { Input } from "react-aria-components/Input";
import { Menu, MenuItem, MenuSection } from "react-aria-components/Menu";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { SearchField } from "react-aria-components/SearchField";
import { useLocation } from "wouter";
import { api, need, type Schemas } from "./api/client";
import { useCan } from "./me";
import { places } from "./places";
import { copy } from "./ui/basics";
import { personName } from "./ui/format";
import { useSettled } from "./ui/pick";

type App = Schemas["App"];

interface Entry {
    id: string;
    name: string;
    note?: string;
    icon: LucideIcon;
    /** What is done; an entry that opens more of them returns true. */
    run: () => boolean | void;
}

interface Section {
    name: string;
    entries: Entry[];
}

const FOUND = 5;

function usePlaces(text: string): Section[] {
    const can = useCan();
    const [, navigate] = useLocation();
    const words = text.toLowerCase();
    const matches = (name: string) => name.toLowerCase().includes(words);
    const pages = places
        .filter(({ nav, scope }) => nav !== undefined && (scope === undefined || can(scope)) && matches(`${nav.name} ${nav.words ?? ""}`))
        .map(({ path, nav }): Entry => ({ id: path, name: nav!.name, icon: nav!.icon, run: () => navigate(path) }));
    const actions = [
        { name: "Create an app", path: "/apps/new", scope: "apps:write" as const },
        { name: "Create an API token", path: "/settings/api?new", scope: "api-tokens:write" as const },
        { name: "Create a group", path: "/settings/permissions?new", scope: "groups:write" as const },
    ]
        .filter(({ name, scope }) => can(scope) && matches(name))
        .map(({ name, path }): Entry => ({ id: path, name, icon: Plus, run: () => navigate(path) }));
    return [
        { name: "Pages", entries: pages },
        { name: "Actions", entries: actions },
    ];
}

function useFound(text: string, onApp: (app: App) => void): Section[] {
    const [, navigate] = useLocation();
    const search = useSettled(text);
    const query = { search, limit: FOUND };
    const { data } = useQuery({
        queryKey: ["palette", search],
        enabled: search !== "",
        placeholderData: keepPreviousData,
        queryFn: async () => {
            const [apps, users, groups] = await Promise.all([
                need(api.GET("/api/v1/apps", { params: { query } })),
                need(api.GET("/api/v1/users", { params: { query } })),
                need(api.GET("/api/v1/groups", { params: { query } })),
            ]);
            return { apps: apps.items, users: users.items, groups: groups.items };
        },
    });
    if (data === undefined || text === "") {
        return [];
    }
    return [
        {
            name: "Apps",
            entries: data.apps.map((app) => ({
                id: app.id,
                name: app.name,
                note: app.slug,
                icon: AppWindow,
                run: () => {
                    onApp(app);
                    return true;
                },
            })),
        },
        {
            name: "Users",
            entries: data.users.map((user) => ({ id: user.id, name: personName(user), note: user.email ?? user.externalIdentifier ?? "", icon: User, run: () => navigate(`/users/${user.id}`) })),
        },
        {
            name: "Groups",
            entries: data.groups.map((group) => ({ id: `group-${group.id}`, name: group.name, note: `ID ${group.id}`, icon: ShieldCheck, run: () => navigate(`/settings/permissions/group/${group.id}`) })),
        },
    ];
}

function useAppActions(app: App | null, text: string): Section[] {
    const [, navigate] = useLocation();
    if (app === null) {
        return [];
    }
    const actions: Entry[] = [
        { id: "open", name: "Open", icon: AppWindow, run: () => navigate(`/apps/${app.id}`) },
        { id: "url", name: "Copy app URL", icon: Link2, run: () => void copy(`${location.origin}/embed-apps/${app.id}`, "the app's URL") },
        { id: "uuid", name: "Copy app UUID", icon: Copy, run: () => void copy(app.id, "the app's UUID") },
        { id: "access", name: "Who may use it", icon: ShieldCheck, run: () => navigate(`/apps/${app.id}/access`) },
        { id: "sessions", name: "Live sessions", icon: Power, run: () => navigate(`/apps/${app.id}/sessions`) },
        { id: "settings", name: "Settings", icon: Settings2, run: () => navigate(`/apps/${app.id}/settings`) },
    ];
    return [{ name: app.name, entries: actions.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase())) }];
}

function Finder({ onDone }: { onDone: () => void }) {
    const [text, setText] = useState("");
    const [app, setApp] = useState<App | null>(null);
    const enter = (next: App | null) => {
        setApp(next);
        setText("");
    };
    const found = useFound(app === null ? text.trim() : "", enter);
    const known = usePlaces(text.trim());
    const ofApp = useAppActions(app, text.trim());
    const sections = (app === null ? [...found, ...known] : ofApp).filter(({ entries }) => entries.length > 0);
    const run = (id: string) => {
        const entry = sections.flatMap(({ entries }) => entries).find((one) => one.id === id);
        if (entry !== undefined && entry.run() !== true) {
            onDone();
        }
    };
    return (
        <Autocomplete inputValue={text} onInputChange={setText}>
            <SearchField className="palette-search" aria-label="Find an app, a user, a group or an action" autoFocus>
                <Search size={18} aria-hidden />
                {app !== null && (
                    <span className="palette-chip">
                        {app.name}
                        <AriaButton slot={null} aria-label={`Leave ${app.name}`} onPress={() => enter(null)}>
                            <X size={14} aria-hidden />
                        </AriaButton>
                    </span>
                )}
                <Input
                    placeholder={app === null ? "Find an app, a user, a group or an action" : "What to do with it"}
                    onKeyDown={(event) => {
                        if (event.key === "Backspace" && text === "" && app !== null) {
                            enter(null);
                        }
                    }}
                />
            </SearchField>
            <Menu className="menu palette-list" aria-label="Found" onAction={(key) => run(String(key))} renderEmptyState={() => <p className="menu-note">Nothing found.</p>}>
                {sections.map(({ name, entries }) => (
                    <MenuSection key={name} id={name}>
                        <Header className="menu-head">{name}</Header>
                        {entries.map(({ id, name: title, note, icon: Icon }) => (
                            <MenuItem key={id} id={id} textValue={title} className="menu-item">
                                <Icon size={16} aria-hidden />
                                <span>{title}</span>
                                {note !== undefined && <small>{note}</small>}
                                <CornerDownLeft size={14} className="enter" aria-hidden />
                            </MenuItem>
                        ))}
                    </MenuSection>
                ))}
            </Menu>
        </Autocomplete>
    );
}

export default function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
    return (
        <ModalOverlay className="veil top" isOpen={open} onOpenChange={(now) => now || onClose()} isDismissable>
            <Modal className="dialog palette">
                <AriaDialog aria-label="Find">
                    <Finder onDone={onClose} />
                </AriaDialog>
            </Modal>
        </ModalOverlay>
    );
}
