// The frame around every page, and which page an address shows.
import { AppWindow, KeyRound, Menu as MenuIcon, ShieldCheck, type LucideIcon } from "lucide-react";
import { lazy, Suspense, type ComponentType } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { IconButton, Skeleton } from "./ui/basics";
import { Menu } from "./ui/overlays";

interface Place {
    path: string;
    name: string;
    icon: LucideIcon;
    page: ComponentType;
}

const places: Place[] = [
    { path: "/apps", name: "Apps", icon: AppWindow, page: lazy(() => import("./pages/apps")) },
    { path: "/settings/permissions", name: "Permissions", icon: ShieldCheck, page: lazy(() => import("./pages/permissions")) },
    { path: "/settings/api", name: "API tokens", icon: KeyRound, page: lazy(() => import("./pages/tokens")) },
];

export function Frame() {
    const [location, navigate] = useLocation();
    return (
        <div className="shell">
            <a className="skip" href="#main">
                Skip to the page
            </a>
            <header className="topbar">
                <Link href="/apps" className="brand">
                    <img src="/mark.svg" alt="" /> Inlay
                </Link>
                <Menu
                    label="Pages"
                    trigger={<IconButton label="Pages" icon={MenuIcon} />}
                    entries={places.map(({ path, name, icon }) => ({ name, icon, onAction: () => navigate(path) }))}
                />
            </header>
            <header className="sidebar">
                <Link href="/apps" className="brand">
                    <img src="/mark.svg" alt="" /> Inlay
                </Link>
                <nav className="nav" aria-label="Pages">
                    {places.map(({ path, name, icon: Icon }) => (
                        <Link key={path} href={path} aria-current={location.startsWith(path) ? "page" : undefined}>
                            <Icon size={17} aria-hidden />
                            {name}
                        </Link>
                    ))}
                </nav>
            </header>
            <main className="main" id="main" tabIndex={-1}>
                <Suspense fallback={<Skeleton />}>
                    <Switch>
                        {places.map(({ path, page }) => (
                            <Route key={path} path={path} component={page} />
                        ))}
                        <Route>
                            <Redirect to="/apps" />
                        </Route>
                    </Switch>
                </Suspense>
            </main>
        </div>
    );
}
