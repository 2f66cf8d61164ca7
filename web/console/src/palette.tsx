// Ctrl+K: finds pages, apps, users, groups, and what can be done with them.
import { useQuery, keepPreviousData } from "@tanstack/react-query";
import {
    AppWindow,
    Copy,
    CornerDownLeft,
    FlaskConical,
    Link2,
    Plus,
    Power,
    Search,
    Settings2,
    ShieldCheck,
    User,
    X,
    type LucideIcon,
} from "lucide-react";
import { useEffect, useEffectEvent, useId, useRef, useState, type KeyboardEvent } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useLocation } from "wouter";
import { api, need, wordsOf, type Schemas } from "./api/client";
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
        .filter(
            ({ nav, scope }) =>
                nav !== undefined && (scope === undefined || can(scope)) && matches(`${nav.name} ${nav.words ?? ""}`),
        )
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

/** What the server finds; `note` stands for it while there is nothing yet. */
function useFound(text: string, onApp: (app: App) => void): { found: Section[]; isPending: boolean; note: string } {
    const [, navigate] = useLocation();
    const search = useSettled(text);
    const query = { search, limit: FOUND };
    const { data, error, isPending, isPlaceholderData } = useQuery({
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
    if (text === "") {
        return { found: [], isPending: false, note: "Nothing found." };
    }
    const waits = search !== text || isPending || isPlaceholderData;
    const note = waits ? "Looking …" : error === null ? "Nothing found." : wordsOf(error);
    if (data === undefined) {
        return { found: [], isPending: waits, note };
    }
    const found: Section[] = [
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
            entries: data.users.map((user) => ({
                id: user.id,
                name: personName(user),
                note: user.email ?? user.externalIdentifier ?? "",
                icon: User,
                run: () => navigate(`/users/${user.id}`),
            })),
        },
        {
            name: "Groups",
            entries: data.groups.map((group) => ({
                id: `group-${group.id}`,
                name: group.name,
                note: `ID ${group.id}`,
                icon: ShieldCheck,
                run: () => navigate(`/settings/permissions/group/${group.id}`),
            })),
        },
    ];
    return { found, isPending: waits, note };
}

function useAppActions(app: App | null, text: string): Section[] {
    const [, navigate] = useLocation();
    if (app === null) {
        return [];
    }
    const actions: Entry[] = [
        { id: "open", name: "Open", icon: AppWindow, run: () => navigate(`/apps/${app.id}`) },
        {
            id: "url",
            name: "Copy app URL",
            icon: Link2,
            run: () => void copy(`${location.origin}/embed-apps/${app.id}`, "the app's URL"),
        },
        { id: "uuid", name: "Copy app UUID", icon: Copy, run: () => void copy(app.id, "the app's UUID") },
        {
            id: "try",
            name: "Try it in the embed tester",
            icon: FlaskConical,
            run: () => navigate(`/tester?appId=${app.id}`),
        },
        { id: "access", name: "Who may use it", icon: ShieldCheck, run: () => navigate(`/apps/${app.id}/access`) },
        { id: "sessions", name: "Live sessions", icon: Power, run: () => navigate(`/apps/${app.id}/sessions`) },
        { id: "settings", name: "Settings", icon: Settings2, run: () => navigate(`/apps/${app.id}/settings`) },
    ];
    return [{ name: app.name, entries: actions.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase())) }];
}

/** A combobox whose list is always open (WAI-ARIA APG): the focus stays in the field, the arrows move the choice. */
function Finder({ onDone }: { onDone: () => void }) {
    const base = useId();
    const [text, setText] = useState("");
    const [app, setApp] = useState<App | null>(null);
    const [at, setAt] = useState(0);
    /** Enter was pressed before the first of what is found was there. */
    const [isDue, setDue] = useState(false);
    const list = useRef<HTMLDivElement>(null);
    const enter = (next: App | null) => {
        setApp(next);
        setText("");
        setAt(0);
        setDue(false);
    };
    const { found, isPending, note } = useFound(app === null ? text.trim() : "", enter);
    const known = usePlaces(text.trim());
    const ofApp = useAppActions(app, text.trim());
    const sections = (app === null ? [...found, ...known] : ofApp).filter(({ entries }) => entries.length > 0);
    const entries = sections.flatMap((section) => section.entries);
    const chosen = Math.min(at, entries.length - 1);
    const idOf = (index: number) => `${base}-${index}`;
    useEffect(() => {
        list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
    }, [chosen, text]);

    const run = (entry: Entry | undefined) => {
        if (entry !== undefined && entry.run() !== true) {
            onDone();
        }
    };
    const runChosen = useEffectEvent(() => run(entries[chosen]));
    useEffect(() => {
        if (isDue && !isPending) {
            runChosen();
        }
    }, [isDue, isPending]);
    const onKey = (event: KeyboardEvent) => {
        const moves: Record<string, number> = {
            ArrowDown: chosen + 1,
            ArrowUp: chosen - 1,
            PageDown: chosen + 5,
            PageUp: chosen - 5,
        };
        const next = moves[event.key];
        if (next !== undefined) {
            event.preventDefault();
            setAt(
                Math.abs(next - chosen) === 1
                    ? (next + entries.length) % Math.max(1, entries.length)
                    : Math.max(0, Math.min(next, entries.length - 1)),
            );
        } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
            event.preventDefault();
            if (isPending && at === 0) {
                setDue(true);
            } else {
                run(entries[chosen]);
            }
        } else if (event.key === "Backspace" && text === "" && app !== null) {
            enter(null);
        }
    };
    return (
        <>
            <div className="palette-search">
                <Search size={18} aria-hidden />
                {app !== null && (
                    <span className="palette-chip">
                        {app.name}
                        <AriaButton aria-label={`Leave ${app.name}`} onPress={() => enter(null)}>
                            <X size={14} aria-hidden />
                        </AriaButton>
                    </span>
                )}
                <input
                    autoFocus
                    role="combobox"
                    aria-label="Find an app, a user, a group or an action"
                    aria-expanded
                    aria-controls={`${base}-list`}
                    aria-autocomplete="list"
                    aria-activedescendant={chosen >= 0 ? idOf(chosen) : undefined}
                    autoComplete="off"
                    spellCheck={false}
                    placeholder={app === null ? "Find an app, a user, a group or an action" : "What to do with it"}
                    value={text}
                    onChange={(event) => {
                        setText(event.target.value);
                        setAt(0);
                        setDue(false);
                    }}
                    onKeyDown={onKey}
                />
            </div>
            <div className="menu palette-list" role="listbox" id={`${base}-list`} aria-label="Found" ref={list}>
                {sections.map(({ name, entries: some }) => (
                    <div key={name} role="group" aria-labelledby={`${base}-${name}`}>
                        <p className="menu-head" id={`${base}-${name}`}>
                            {name}
                        </p>
                        {some.map((entry) => {
                            const { id, name: title, note, icon: Icon } = entry;
                            const place = entries.indexOf(entry);
                            return (
                                <div
                                    key={id}
                                    role="option"
                                    id={idOf(place)}
                                    aria-selected={place === chosen}
                                    className="menu-item"
                                    onPointerMove={() => setAt(place)}
                                    onClick={() => run(entry)}
                                >
                                    <Icon size={16} aria-hidden />
                                    <span>{title}</span>
                                    {note !== undefined && <small>{note}</small>}
                                    <CornerDownLeft size={14} className="enter" aria-hidden />
                                </div>
                            );
                        })}
                    </div>
                ))}
                {entries.length === 0 && <p className="menu-note">{note}</p>}
            </div>
        </>
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
