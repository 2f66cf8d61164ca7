// Choosing an app, a user or groups by typing a part of a name. The server searches.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, need, type Schemas } from "../api/client";
import { useChange } from "./change";
import { Picker, type Choice } from "./fields";
import { personName } from "./format";
import { foundNote, PickMany, useSettled } from "./pick";

const FOUND_MAX = 20;

interface Source<Id extends string | number> {
    noun: string;
    find: (search: string) => Promise<Choice[]>;
    /** The one with this id, which may no longer exist. */
    name: (id: Id) => Promise<Choice>;
}

const appChoice = ({ id, name, slug }: Schemas["App"]): Choice => ({ id, name, note: slug });
const userChoice = (user: Schemas["User"]): Choice => {
    const note = user.kind === "external" ? user.externalIdentifier : user.email;
    return { id: user.id, name: personName(user), ...(note === null ? {} : { note }) };
};
const page = (search: string) => ({ limit: FOUND_MAX, ...(search === "" ? {} : { search }) });

const apps: Source<string> = {
    noun: "apps",
    find: async (search) =>
        (await need(api.GET("/api/v1/apps", { params: { query: page(search) } }))).items.map(appChoice),
    name: async (id) => appChoice(await need(api.GET("/api/v1/apps/{id}", { params: { path: { id } } }))),
};

const users = (kind?: Schemas["UserKind"]): Source<string> => ({
    noun: kind === undefined ? "users" : `${kind} users`,
    find: async (search) =>
        (
            await need(
                api.GET("/api/v1/users", {
                    params: { query: { ...page(search), ...(kind === undefined ? {} : { kind }) } },
                }),
            )
        ).items.map(userChoice),
    name: async (id) => userChoice(await need(api.GET("/api/v1/users/{id}", { params: { path: { id } } }))),
});

const findGroups = async (search: string): Promise<Choice[]> =>
    (await need(api.GET("/api/v1/groups", { params: { query: page(search) } }))).items.map(({ id, name }) => ({
        id: String(id),
        name,
        note: String(id),
    }));

interface FinderProps {
    label: string;
    value: string;
    onChange: (id: string) => void;
    hint?: string;
    placeholder?: string;
}

function Finder({ source, label, value, onChange, hint, placeholder }: FinderProps & { source: Source<string> }) {
    const chosen = useQuery({
        queryKey: ["named", source.noun, value],
        queryFn: () => source.name(value),
        enabled: value !== "",
        staleTime: 60_000,
    });
    const name = value === "" ? "" : (chosen.data?.name ?? (chosen.error === null ? "" : value));
    const [text, setText] = useState(name);
    useChange(name, setText);
    // The chosen one's name is no search: the list then shows the others, too.
    const search = useSettled(text === name ? "" : text.trim());
    const found = useQuery({
        queryKey: ["found", source.noun, search],
        queryFn: () => source.find(search),
        placeholderData: keepPreviousData,
    });
    const choices = found.data ?? [];
    const isCurrent = !found.isPlaceholderData && (text === name || text.trim() === search);
    const all =
        chosen.data === undefined || choices.some(({ id }) => id === value) ? choices : [chosen.data, ...choices];
    return (
        <Picker
            label={label}
            choices={all}
            value={value === "" ? null : value}
            search={text}
            note={foundNote(found, isCurrent)}
            onSearch={(now) => {
                setText(now);
                if (now === "" && value !== "") {
                    onChange("");
                }
            }}
            onChange={(choice) => {
                if (choice !== null) {
                    setText(choice.name);
                    onChange(choice.id);
                }
            }}
            {...(hint === undefined ? {} : { hint })}
            {...(placeholder === undefined ? {} : { placeholder })}
        />
    );
}

export const AppPicker = (props: FinderProps) => <Finder source={apps} {...props} />;
export const UserPicker = ({ kind, ...props }: FinderProps & { kind?: Schemas["UserKind"] }) => (
    <Finder source={users(kind)} {...props} />
);

export function AppsPicker({
    label,
    value,
    onChange,
    hint,
}: {
    label: string;
    value: Choice[];
    onChange: (apps: Choice[]) => void;
    hint: string;
}) {
    return (
        <PickMany
            label={label}
            chosen={value}
            onChange={onChange}
            load={apps.find}
            queryKey="apps"
            placeholder="All apps"
            hint={hint}
        />
    );
}

export function GroupsPicker({
    label,
    value,
    onChange,
    hint,
}: {
    label: string;
    value: Choice[];
    onChange: (groups: Choice[]) => void;
    hint?: string;
}) {
    return (
        <PickMany
            label={label}
            chosen={value}
            onChange={onChange}
            load={findGroups}
            queryKey="groups"
            placeholder={value.length === 0 ? "Choose a group" : "Add another group"}
            {...(hint === undefined ? {} : { hint })}
        />
    );
}

/** Names of what events only have ids of; each is asked for once. */
export function Named({ noun, id }: { noun: "app" | "user"; id: string }) {
    const source = noun === "app" ? apps : users();
    const named = useQuery({
        queryKey: ["named", source.noun, id],
        queryFn: () => source.name(id),
        staleTime: 300_000,
        retry: false,
    });
    return <>{named.data?.name ?? (named.error === null ? "…" : `a deleted ${noun}`)}</>;
}
