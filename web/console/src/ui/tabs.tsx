// Tabs whose choice is in the page's address.
import { useEffect, useRef, type ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from "react-aria-components/Tabs";
import { useLocation } from "wouter";

export interface TabOf {
    /** The end of the address; "" is the page's own address. */
    id: string;
    name: string;
    content: ReactNode;
}

export function Tabs({
    label,
    base,
    chosen,
    tabs,
}: {
    label: string;
    base: string;
    chosen: string | undefined;
    tabs: TabOf[];
}) {
    const [, navigate] = useLocation();
    const key = (id: string) => id || "first";
    const list = useRef<HTMLDivElement>(null);
    // On a phone not all of them fit.
    useEffect(() => {
        list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }, [chosen]);
    const known = tabs.find(({ id }) => id === (chosen ?? "")) ?? tabs[0];
    return (
        <AriaTabs
            className="tabs"
            selectedKey={key(known?.id ?? "")}
            onSelectionChange={(next) =>
                navigate(next === "first" ? base : `${base}/${String(next)}`, { replace: true })
            }
            keyboardActivation="automatic"
        >
            <TabList aria-label={label} ref={list}>
                {tabs.map(({ id, name }) => (
                    <Tab key={id} id={key(id)}>
                        {name}
                    </Tab>
                ))}
            </TabList>
            {tabs.map(({ id, content }) => (
                <TabPanel key={id} id={key(id)}>
                    {content}
                </TabPanel>
            ))}
        </AriaTabs>
    );
}
