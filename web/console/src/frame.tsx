// The frame around every page: the navigation, who is signed in, and the page that the address names.
import { useQueryClient } from "@tanstack/react-query";
import {
    ChevronsUpDown,
    CircleUser,
    LogOut,
    Menu as MenuIcon,
    Monitor,
    Moon,
    Rocket,
    Search,
    Sun,
    X,
} from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { api, need, wordsOf } from "./api/client";
import { Unbroken } from "./broken";
import { useCan, useMe } from "./me";
import { places, SECTIONS } from "./places";
import { STEPS, useStarted } from "./started";
import { setTheme, theme, type Theme } from "./theme";
import { Avatar, IconButton, Skeleton } from "./ui/basics";
import { useChange } from "./ui/change";
import { Menu } from "./ui/overlays";
import { toast } from "./ui/toast";

const HOME = "/";
const Palette = lazy(() =>
    import("./palette").catch((error: unknown) => {
        toast("Finding could not be loaded. Load the page again.", "bad");
        throw error;
    }),
);
const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

function Brand() {
    return (
        <Link href={HOME} className="brand">
            <img src="/mark.svg" alt="" /> Inlay
        </Link>
    );
}

function Nav() {
    const [location] = useLocation();
    const can = useCan();
    const { data, done, isDone } = useStarted();
    return (
        <nav className="navs" aria-label="Pages">
            {data !== undefined && !isDone && can("apps:write") && (
                <div className="nav">
                    <Link href="/start" aria-current={location === "/start" ? "page" : undefined}>
                        <Rocket size={17} aria-hidden />
                        Getting started
                        <span className="count">
                            {done} of {STEPS.length}
                        </span>
                    </Link>
                </div>
            )}
            {SECTIONS.map((section) => {
                const shown = places.filter(
                    ({ nav, scope }) => nav?.section === section && (scope === undefined || can(scope)),
                );
                return shown.length === 0 ? null : (
                    <div key={section} className="nav">
                        {section !== "" && <p className="nav-title">{section}</p>}
                        {shown.map(({ path, nav }) => (
                            <Link
                                key={path}
                                href={path}
                                aria-current={location === path || location.startsWith(`${path}/`) ? "page" : undefined}
                            >
                                {nav !== undefined && <nav.icon size={17} aria-hidden />}
                                {nav?.name}
                            </Link>
                        ))}
                    </div>
                );
            })}
        </nav>
    );
}

const THEMES: [Theme, string, typeof Sun][] = [
    ["system", "As the system", Monitor],
    ["light", "Light", Sun],
    ["dark", "Dark", Moon],
];

function Account() {
    const me = useMe();
    const client = useQueryClient();
    const [, navigate] = useLocation();
    const [chosen, choose] = useState(theme);
    const signOut = () =>
        need(api.POST("/api/v1/sign-out"))
            .then(() => client.resetQueries())
            .catch((error: unknown) => toast(wordsOf(error), "bad"));
    return (
        <Menu
            label="Your account"
            placement="top start"
            trigger={
                <AriaButton className="account">
                    <Avatar name={me.email} />
                    <span>
                        {me.email}
                        <small>{ROLES[me.role]}</small>
                    </span>
                    <ChevronsUpDown size={15} aria-hidden />
                </AriaButton>
            }
            entries={[
                { name: "Your account", icon: CircleUser, onAction: () => navigate("/settings/account") },
                null,
                ...THEMES.map(([id, name, icon]) => ({
                    name,
                    icon,
                    chosen: chosen === id,
                    onAction: () => {
                        setTheme(id);
                        choose(id);
                    },
                })),
                null,
                { name: "Sign out", icon: LogOut, onAction: () => void signOut() },
            ]}
        />
    );
}

const ROLES = { admin: "Admin", builder: "Builder", viewer: "Viewer" };

function Sidebar({ onFind }: { onFind: () => void }) {
    return (
        <div className="sidebar">
            <Brand />
            <AriaButton className="find" onPress={onFind}>
                <Search size={15} aria-hidden /> Find
                <kbd>{isMac ? "⌘ K" : "Ctrl K"}</kbd>
            </AriaButton>
            <Nav />
            <Account />
        </div>
    );
}

/** On a phone: the same sidebar, from the left edge. */
function Drawer({ onFind }: { onFind: () => void }) {
    const [open, setOpen] = useState(false);
    const [location] = useLocation();
    useChange(location, () => setOpen(false));
    return (
        <header className="topbar">
            <IconButton label="Menu" icon={MenuIcon} onPress={() => setOpen(true)} />
            <Brand />
            <IconButton label="Find" icon={Search} onPress={onFind} />
            <ModalOverlay className="veil left" isOpen={open} onOpenChange={setOpen} isDismissable>
                <Modal className="drawer">
                    <AriaDialog aria-label="Menu">
                        <IconButton label="Close" icon={X} onPress={() => setOpen(false)} />
                        <Sidebar
                            onFind={() => {
                                setOpen(false);
                                onFind();
                            }}
                        />
                    </AriaDialog>
                </Modal>
            </ModalOverlay>
        </header>
    );
}

/** An empty instance begins with the first steps, for who can take them. */
function Home() {
    const can = useCan();
    const { data, error, isDone } = useStarted();
    if (data === undefined && error === null) {
        return <Skeleton />;
    }
    return <Redirect to={data === undefined || isDone || !can("apps:write") ? "/apps" : "/start"} replace />;
}

/** A new page begins at its top, for eyes and for screen readers. */
function usePageStart() {
    const [location] = useLocation();
    const main = useRef<HTMLElement>(null);
    const shown = useRef(location);
    useEffect(() => {
        if (shown.current !== location) {
            shown.current = location;
            window.scrollTo(0, 0);
            main.current?.focus({ preventScroll: true });
        }
    }, [location]);
    return main;
}

export function Frame() {
    const main = usePageStart();
    const can = useCan();
    const [location] = useLocation();
    const [finding, setFinding] = useState(false);
    // The palette's code is loaded when it is opened first, and stays.
    const [asked, setAsked] = useState(false);
    const find = useCallback(() => {
        setAsked(true);
        setFinding(true);
    }, []);
    useEffect(() => {
        const onKey = (event: KeyboardEvent) => {
            if (
                event.key.toLowerCase() === "k" &&
                (event.ctrlKey || event.metaKey) &&
                !event.shiftKey &&
                !event.altKey
            ) {
                event.preventDefault();
                find();
            }
        };
        document.addEventListener("keydown", onKey);
        return () => document.removeEventListener("keydown", onKey);
    }, [find]);
    return (
        <div className="shell">
            <a className="skip" href="#main">
                Skip to the page
            </a>
            <Drawer onFind={find} />
            <header className="side">
                <Sidebar onFind={find} />
            </header>
            <main className="main" id="main" tabIndex={-1} ref={main}>
                <Unbroken at={location}>
                    <Suspense fallback={<Skeleton />}>
                        <Switch>
                            {places
                                .filter(({ scope }) => scope === undefined || can(scope))
                                .map(({ path, page }) => (
                                    <Route key={path} path={path} component={page} />
                                ))}
                            <Route>
                                <Home />
                            </Route>
                        </Switch>
                    </Suspense>
                </Unbroken>
            </main>
            {asked && (
                <Unbroken at="palette" instead={null}>
                    <Suspense>
                        <Palette open={finding} onClose={() => setFinding(false)} />
                    </Suspense>
                </Unbroken>
            )}
        </div>
    );
}
